"""Who operates runs: the members and tokens of an organisation its own, the installation's staff those of no one."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja.errors import HttpError

from core.audit.services import Operator
from core.effects.models import Effect
from core.organisations import auth
from core.organisations.enums import Role
from core.organisations.models import Organisation
from core.runs.models import Run
from core.runs.selectors import run_list

NEEDS_STAFF = "This concerns the whole installation: sign in at /admin/ as a member of its staff."


@dataclass(frozen=True)
class RunCaller:
    """The caller of one request. Staff of the installation may be in no organisation; a token is never staff."""

    name: str
    user: User | None
    organisation: Organisation | None
    role: Role | None
    is_staff: bool

    @property
    def operator(self) -> Operator:
        return Operator(self.name, self.user, self.organisation)

    @property
    def runs(self) -> QuerySet[Run]:
        return run_list(organisation=self.organisation, installation=self.is_staff)

    def role_for(self, row: Run | Effect) -> Role:
        """Return the role in the row's organisation; of what belongs to no organisation staff are the owners."""
        return Role.OWNER if row.organisation_id is None or self.role is None else self.role


# Named as the classes they extend: in OpenAPI they are the same two ways to sign in.
class TokenAuth(auth.TokenAuth):
    """`Authorization: Bearer <token>`: the runs of its organisation."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        caller = super().authenticate(request, token)
        return caller and RunCaller(caller.name, None, caller.organisation, caller.role, is_staff=False)


class MemberAuth(auth.MemberAuth):
    """The admin's session: the runs of the member's organisation, and for staff those of the installation."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        user = request.user
        if isinstance(user, User) and user.is_active and user.is_staff and not _names_organisation(request, user):
            return RunCaller(user.get_username(), user, None, None, is_staff=True)
        caller = super().authenticate(request, key)
        user = cast(User, user)
        return caller and RunCaller(caller.name, user, caller.organisation, caller.role, is_staff=user.is_staff)


def _names_organisation(request: HttpRequest, user: User) -> bool:
    return auth.ORGANISATION_HEADER in request.headers or user.memberships.filter(organisation__is_active=True).exists()


run_auth = [TokenAuth(), MemberAuth()]


def caller_of(request: HttpRequest) -> RunCaller:
    caller: RunCaller = request.auth  # type: ignore[attr-defined]  # django-ninja puts it there
    return caller


def staff_of(request: HttpRequest) -> RunCaller:
    """Return the caller, or refuse with 403 who is not of the installation's staff."""
    caller = caller_of(request)
    if not caller.is_staff:
        raise HttpError(403, NEEDS_STAFF)
    return caller


def run_of(request: HttpRequest, run_id: UUID, needed: Role = Role.VIEWER) -> Run:
    """Return the run, or refuse: 404 for what the caller does not see, 403 when the role is lower than needed."""
    caller = caller_of(request)
    run = caller.runs.filter(id=run_id).first()
    if run is None:
        raise HttpError(404, f"There is no run with the id {run_id} in your organisation.")
    needs(caller.role_for(run), needed)
    return run


def needs(role: Role, needed: Role) -> None:
    if not role.allows(needed):
        raise HttpError(403, f"This needs the role {needed.value}; yours is {role.value}.")
