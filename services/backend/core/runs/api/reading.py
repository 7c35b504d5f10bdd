"""Follow runs: one by its id, many by what they have in common."""

from typing import Annotated, Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from ninja import Field, FilterLookup, FilterSchema, Query, Router
from ninja.errors import HttpError

from core.cursors import page_of
from core.inputs import Limit, Moment, Text
from core.organisations.models import Member, Organisation
from core.runs.api.callers import RunCaller, caller_of, run_of
from core.runs.api.cursors import RunCursor, run_cursor, run_place
from core.runs.api.schemas import ItemPage, RunDetail, RunPage
from core.runs.enums import UNSUCCESSFUL, Outcome, State, Trigger
from core.runs.models import Run
from core.runs.selectors import item_list, run_before, run_list

router = Router(tags=["runs"])
# Of its own, so that its address has no slash at the end.
top = Router(tags=["runs"])


class Place(FilterSchema):
    cursor: RunCursor | None = None

    def filter_cursor(self, cursor: str | None) -> Q:
        return Q()  # applied by `page`, together with the order


class RunFilter(Place):
    state: Annotated[list[State] | None, FilterLookup("state__in")] = Field(
        None, description="One state, or several by naming it several times"
    )
    name: Annotated[Text | None, FilterLookup("name")] = Field(None, description="The task")
    trigger: Annotated[Trigger | None, FilterLookup("trigger")] = None
    schedule: Annotated[Text | None, FilterLookup("schedule__key")] = Field(None, description="The schedule's key")
    parent: Annotated[UUID | None, FilterLookup("parent_id")] = Field(None, description="Asked for by this run")
    since: Annotated[Moment | None, FilterLookup("queued_at__gte")] = Field(None, description="Asked for at or after")
    until: Annotated[Moment | None, FilterLookup("queued_at__lt")] = Field(None, description="Asked for before")


@top.get("/tasks", response=RunPage, summary="List runs, newest first", operation_id="run_list")
def listed(request: HttpRequest, filters: Query[RunFilter], limit: Limit = 50) -> dict[str, Any]:
    return page(filters.filter(caller_of(request).runs), filters.cursor, limit)


@router.get("/active", response=RunPage, summary="List what waits, runs or is held", operation_id="run_active")
def active(request: HttpRequest, cursor: RunCursor | None = None, limit: Limit = 50) -> dict[str, Any]:
    return page(caller_of(request).runs.filter(finished_at__isnull=True), cursor, limit)


@router.get("/failed", response=RunPage, summary="List what ended otherwise than asked", operation_id="run_failed")
def failed(request: HttpRequest, cursor: RunCursor | None = None, limit: Limit = 50) -> dict[str, Any]:
    """FAILED, LOST, EXPIRED, MISSED and PARTIAL."""
    rows = caller_of(request).runs.filter(finished_at__isnull=False, state__in=UNSUCCESSFUL)
    return page(rows, cursor, limit)


@router.get(
    "/organization/{organisation_id}",
    response=RunPage,
    summary="List an organisation's runs, for its members",
    operation_id="run_organisation",
)
def of_organisation(
    request: HttpRequest, organisation_id: str, filters: Query[RunFilter], limit: Limit = 50
) -> dict[str, Any]:
    """`organisation_id` is its slug or its number."""
    organisation = _organisation(caller_of(request), organisation_id)
    return page(filters.filter(run_list(organisation=organisation)), filters.cursor, limit)


@router.get(
    "/status/{uuid:run_id}",
    response=RunDetail,
    url_name="run_status",
    summary="Follow a run: state, progress, result or error",
    operation_id="run_status",
)
def status(request: HttpRequest, run_id: UUID) -> Run:
    """An id that is not known, or another organisation's, is 404: never PENDING."""
    return run_of(request, run_id)


@router.get(
    "/{uuid:run_id}/items",
    response=ItemPage,
    summary="List the rows that a run changed or failed at",
    operation_id="run_items",
)
def items(
    request: HttpRequest, run_id: UUID, outcome: Outcome | None = None, cursor: int = 0, limit: Limit = 50
) -> dict[str, Any]:
    rows = item_list(run_of(request, run_id)).filter(id__gt=cursor)
    found, last = page_of(list((rows.filter(outcome=outcome) if outcome else rows)[: limit + 1]), limit)
    return {"items": found, "next_cursor": last and last.pk}


def page(rows: QuerySet[Run], cursor: str | None, limit: int) -> dict[str, Any]:
    if cursor is not None:
        rows = run_before(rows, *run_place(cursor))
    ordered = rows.order_by("-queued_at", "-id").defer("traceback", "options")
    found, last = page_of(list(ordered[: limit + 1]), limit)
    return {"items": found, "next_cursor": last and run_cursor(last.queued_at, last.id)}


def _organisation(caller: RunCaller, named: str) -> Organisation:
    """Return the caller's organisation of this slug or number, or refuse with 404."""
    mine = [caller.organisation] if caller.organisation else []
    if caller.user:
        members = Member.objects.filter(user=caller.user, organisation__is_active=True).select_related("organisation")
        mine += [member.organisation for member in members]
    for organisation in mine:
        if named in (organisation.slug, str(organisation.pk)):
            return organisation
    raise HttpError(404, f"You are in no organisation {named!r}.")
