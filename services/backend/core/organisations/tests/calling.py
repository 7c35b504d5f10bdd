"""Call the API as a program does: with a token, over HTTP."""

from collections.abc import Callable
from json import dumps
from typing import Any

import pytest
from django.test import Client

from core.organisations.enums import Role
from core.organisations.models import Organisation
from core.organisations.services import token_create

Api = Callable[..., tuple[int, Any]]


def api_for(organisation: Organisation, role: Role, **settings: bool) -> Api:
    """Return a caller of the API: method, path and body in, status and answer out."""
    token = token_create(organisation=organisation, role=role, name="test")
    client = Client(headers={"Authorization": f"Bearer {token}"}, **settings)

    def call(method: str, path: str, **body: Any) -> tuple[int, Any]:
        answer = client.generic(method, f"/api/v1{path}", dumps(body) if body else "", "application/json")
        return answer.status_code, answer.json() if answer.content else None

    return call


@pytest.fixture
def owner(organisation: Organisation) -> Api:
    return api_for(organisation, Role.OWNER)


@pytest.fixture
def agent(organisation: Organisation) -> Api:
    return api_for(organisation, Role.AGENT)


@pytest.fixture
def viewer(organisation: Organisation) -> Api:
    return api_for(organisation, Role.VIEWER)
