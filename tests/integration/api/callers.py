"""Who calls, with what, and whose data the answers may show."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.middleware.csrf import CSRF_SECRET_LENGTH
from django.test import Client
from django.utils.crypto import get_random_string

from core.organisations.enums import Role
from core.organisations.models import ApiToken
from core.organisations.services import token_create, tokens_revoke
from core.organisations.tests.factories import UserFactory
from tests.integration.api.scene import ESTATES, INSTALLATION, OURS, THEIRS, Estate


@dataclass(frozen=True)
class Credential:
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Caller:
    """`sees` is whose data it may be shown; None: nobody's, as it is not signed in."""

    name: str
    sees: Estate | None
    credential: Credential

    @property
    def hidden(self) -> list[Estate]:
        return [estate for estate in ESTATES if estate is not self.sees]


def _bearer(token: str) -> Credential:
    return Credential({"Authorization": f"Bearer {token}"})


def _token(estate: Estate, role: Role, name: str = "program") -> Credential:
    assert estate.organisation is not None
    return _bearer(token_create(organisation=estate.organisation, role=role, name=estate.text(name)))


def _revoked() -> Credential:
    credential = _token(OURS, Role.OWNER, "revoked")
    tokens_revoke(tokens=ApiToken.objects.filter(name=OURS.text("revoked")))
    return credential


def _session(user: User | None) -> Credential:
    """Sign in as a browser does: the session's cookie, and for writes the CSRF token."""
    assert user is not None
    client, csrf = Client(), get_random_string(CSRF_SECRET_LENGTH)
    client.force_login(user)
    return Credential({"X-CSRFToken": csrf}, {"sessionid": client.cookies["sessionid"].value, "csrftoken": csrf})


def _chief() -> User:
    return UserFactory(id=INSTALLATION.number("user"), username=INSTALLATION.text("chief"), is_staff=True)


SIGN_IN: dict[str, tuple[Estate | None, Callable[[], Credential]]] = {
    "owner": (OURS, lambda: _token(OURS, Role.OWNER)),
    "agent": (OURS, lambda: _session(OURS.member)),
    "viewer": (OURS, lambda: _token(OURS, Role.VIEWER)),
    "stranger": (THEIRS, lambda: _token(THEIRS, Role.OWNER)),
    "staff": (INSTALLATION, lambda: _session(_chief())),
    "nobody": (None, Credential),
    "revoked": (None, _revoked),
    "malformed": (None, lambda: _bearer("\xff deskbeat_")),
}


def callers() -> dict[str, Caller]:
    return {name: Caller(name, sees, sign_in()) for name, (sees, sign_in) in SIGN_IN.items()}
