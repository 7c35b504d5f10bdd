from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core.clock import database_now
from core.organisations.enums import Role
from core.organisations.services import token_use
from core.organisations.tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db


def test_create_token_prints_only_a_token_that_works() -> None:
    organisation = OrganisationFactory(slug="harbour")
    out = StringIO()

    call_command("create_token", "--organisation=harbour", "--role=agent", stdout=out)

    (line,) = out.getvalue().splitlines()
    row = token_use(token=line, now=database_now())
    assert row is not None
    assert (row.organisation, row.role) == (organisation, Role.AGENT)


def test_create_token_names_the_organisations_there_are() -> None:
    OrganisationFactory(slug="harbour")

    with pytest.raises(CommandError) as refusal:
        call_command("create_token", "--organisation=harbor", "--role=agent")

    assert str(refusal.value) == (
        "There is no organisation 'harbor'; known: harbour. Add one at /admin/ under Organisations."
    )
