"""Who calls the API: a token, or a signed-in member. Every caller acts for exactly one organisation."""

from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer, SessionAuth
from ninja.utils import check_csrf

from core.audit.services import Operator
from core.clock import database_now
from core.organisations.enums import Role
from core.organisations.models import Member, Organisation
from core.organisations.services import token_use

ORGANISATION_HEADER = "X-Organisation"


@dataclass(frozen=True)
class Caller:
    """The caller of one request: every query starts from `organisation`."""

    organisation: Organisation
    role: Role
    name: str
    user: AbstractBaseUser | None

    @property
    def operator(self) -> Operator:
        """Return who acts, as the audit and the histories name them."""
        return Operator(self.name, cast(User | None, self.user), self.organisation)


class TokenAuth(HttpBearer):
    """`Authorization: Bearer <token>`, made by `manage.py create_token`."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        row = token_use(token=token, now=database_now())
        return None if row is None else Caller(row.organisation, Role(row.role), f"token {row.name}", None)


class MemberAuth(SessionAuth):
    """The admin's session. A member of several organisations names one in the X-Organisation header."""

    def _get_key(self, request: HttpRequest) -> str | None:
        # Before the check of the CSRF token: who has no session has nothing to protect, and is told to sign in.
        if request.user.is_anonymous:
            return None
        if check_csrf(request):
            raise HttpError(
                403, "CSRF check failed: send the csrftoken cookie's value as X-CSRFToken, from the same site."
            )
        return request.COOKIES.get(self.param_name)

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:
        user = request.user
        if isinstance(user, AnonymousUser) or not user.is_active:
            return None
        member = _member(user, request.headers.get(ORGANISATION_HEADER))
        return Caller(member.organisation, Role(member.role), user.get_username(), user)


def _member(user: Any, slug: str | None) -> Member:
    members = Member.objects.select_related("organisation").filter(user=user, organisation__is_active=True)
    found = list(members.filter(organisation__slug=slug) if slug else members[:2])
    if not found:
        raise HttpError(
            403, f"You are not a member of organisation {slug!r}." if slug else "You are in no organisation."
        )
    if len(found) > 1:
        raise HttpError(
            400, f"You are in several organisations: name one by its slug in the {ORGANISATION_HEADER} header."
        )
    return found[0]


caller_auth = [TokenAuth(), MemberAuth()]


def require(request: HttpRequest, needed: Role) -> Caller:
    """Return the caller, or refuse with 403 when the role is lower than needed."""
    caller: Caller = request.auth  # type: ignore[attr-defined]  # django-ninja puts it there
    if not caller.role.allows(needed):
        raise HttpError(403, f"This needs the role {needed.value}; yours is {caller.role.value}.")
    return caller
