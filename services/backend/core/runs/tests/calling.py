"""Call the API of runs as a token of an organisation, or as a person who is signed in."""

from collections.abc import Callable
from json import dumps
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from core.organisations.enums import Role
from core.organisations.models import Organisation
from core.organisations.services import token_create

Api = Callable[..., Any]


def caller(client: Client) -> Api:
    """Return a function: method, path below /tasks and body in, the answer out."""

    def call(method: str, path: str, headers: dict[str, str] | None = None, **body: Any) -> Any:
        text = dumps(body) if body else ""
        return client.generic(method, f"/api/v1/tasks{path}", text, "application/json", headers=headers or {})

    return call


def token_caller(organisation: Organisation, role: Role) -> Api:
    token = token_create(organisation=organisation, role=role, name=f"{role} program")
    return caller(Client(headers={"Authorization": f"Bearer {token}"}))


def session_caller(user: User) -> Api:
    client = Client()
    client.force_login(user)
    return caller(client)
