import pytest
from django.test import Client

from core.organisations.enums import Role
from core.organisations.services import token_create
from core.organisations.tests.factories import MemberFactory, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db

BOARDS = "/api/v1/boards"


def test_api_refuses_a_caller_without_credentials(client: Client) -> None:
    assert client.get(BOARDS).status_code == 401


def test_api_refuses_an_unknown_token(client: Client) -> None:
    assert client.get(BOARDS, headers={"Authorization": "Bearer deskbeat_guess"}).status_code == 401


def test_api_accepts_a_token(client: Client) -> None:
    token = token_create(organisation=OrganisationFactory(), role=Role.VIEWER, name="till")

    answer = client.get(BOARDS, headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.json()) == (200, [])


def test_api_accepts_a_signed_in_member(client: Client) -> None:
    client.force_login(MemberFactory().user)

    answer = client.get(BOARDS)

    assert (answer.status_code, answer.json()) == (200, [])


def test_api_refuses_a_user_who_is_no_member(client: Client) -> None:
    client.force_login(UserFactory())

    answer = client.get(BOARDS)

    assert (answer.status_code, answer.json()) == (403, {"detail": "You are in no organisation."})


def test_api_asks_a_member_of_two_organisations_which_one(client: Client) -> None:
    user = UserFactory()
    first, _ = MemberFactory(user=user).organisation, MemberFactory(user=user)
    client.force_login(user)

    assert client.get(BOARDS).status_code == 400
    assert client.get(BOARDS, headers={"X-Organisation": first.slug}).status_code == 200
