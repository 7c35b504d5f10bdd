import pytest
from django.test import Client
from django.urls import reverse

from core.clock import database_now
from core.organisations.enums import Role
from core.organisations.models import ApiToken, Organisation
from core.organisations.services import token_create, token_use
from core.organisations.tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db


def test_revoked_token_is_refused(admin: Client) -> None:
    token = token_create(organisation=OrganisationFactory(), role=Role.OWNER, name="till")
    data = {"action": "revoke", "_selected_action": [ApiToken.objects.get().pk]}

    admin.post(reverse("admin:organisations_apitoken_changelist"), data)

    assert token_use(token=token, now=database_now()) is None


def test_organisation_needs_a_zone_that_exists(admin: Client) -> None:
    fields = {"name": "Harbour", "slug": "harbour", "tz": "Europe/Londn", "is_active": "on"}
    inlines = {f"members-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}

    answer = admin.post(reverse("admin:organisations_organisation_add"), fields | inlines)

    assert "There is no time zone" in answer.content.decode()
    assert Organisation.objects.count() == 0
