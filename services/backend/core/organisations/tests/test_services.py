from datetime import timedelta

import pytest

from core.clock import database_now
from core.organisations.enums import Role
from core.organisations.models import ApiToken
from core.organisations.services import LAST_USED_EVERY, token_create, token_use
from core.organisations.tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db


def test_token_use_finds_the_token_and_its_role() -> None:
    organisation = OrganisationFactory()
    token = token_create(organisation=organisation, role=Role.AGENT, name="till")

    row = token_use(token=token, now=database_now())

    assert row is not None
    assert (row.organisation, row.role, row.name) == (organisation, Role.AGENT, "till")


def test_token_itself_is_stored_nowhere() -> None:
    token = token_create(organisation=OrganisationFactory(), role=Role.VIEWER, name="till")

    stored = ApiToken.objects.values().get()

    assert [name for name, value in stored.items() if token in str(value)] == []


@pytest.mark.parametrize("token", ["", "deskbeat_guess", "\x00"])
def test_token_use_refuses_an_unknown_token(token: str) -> None:
    assert token_use(token=token, now=database_now()) is None


def test_token_use_refuses_a_revoked_token() -> None:
    token = token_create(organisation=OrganisationFactory(), role=Role.OWNER, name="till")
    ApiToken.objects.update(revoked_at=database_now())

    assert token_use(token=token, now=database_now()) is None


def test_token_use_refuses_a_token_of_an_inactive_organisation() -> None:
    token = token_create(organisation=OrganisationFactory(is_active=False), role=Role.OWNER, name="till")

    assert token_use(token=token, now=database_now()) is None


def test_token_use_writes_last_used_once_in_five_minutes() -> None:
    token = token_create(organisation=OrganisationFactory(), role=Role.VIEWER, name="till")
    now = database_now()

    token_use(token=token, now=now)
    token_use(token=token, now=now + LAST_USED_EVERY)
    assert ApiToken.objects.get().last_used_at == now

    later = now + LAST_USED_EVERY + timedelta(seconds=1)
    token_use(token=token, now=later)
    assert ApiToken.objects.get().last_used_at == later
