"""An organisation's own events: list, make, change, publish, call off, and say what will happen to them."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Router, Status

from apps.events import selectors, services
from apps.events.api.pages import page
from apps.events.api.schemas import (
    Cursor,
    EventHistoryOut,
    EventIn,
    EventOut,
    EventPage,
    EventPatch,
)
from apps.events.enums import END_SCHEDULE
from apps.events.enums import Status as EventStatus
from apps.events.foresight import foretell
from apps.events.models import Event, EventHistory
from core.answers import NextActionOut, PreviewOut, found
from core.clock import database_now
from core.inputs import Limit
from core.organisations.auth import Caller, require
from core.organisations.enums import Role
from core.refusals import Refusal
from core.schedules.foresight import NextAction
from core.sweep.next_run import next_run_preview

router = Router(tags=["events"])


@router.get("/events", response=EventPage, summary="List events, the last to begin first", operation_id="event_list")
def event_list(
    request: HttpRequest,
    status: EventStatus | None = None,
    ended: bool | None = None,
    archived: bool = False,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Ended events are among them unless `ended=false`; archived ones are not, unless `archived=true` asks for them."""
    rows = selectors.event_list(organisation=require(request, Role.VIEWER).organisation, now=database_now())
    rows = rows.filter(archived_at__isnull=not archived)
    if status is not None:
        rows = rows.filter(Q(effective_status=status))
    if ended is not None:
        over = Q(effective_status=EventStatus.COMPLETED)
        rows = rows.filter(over if ended else ~over)
    return page(rows, cursor, limit, newest=True, tell=foretell)


@router.post("/events", response={201: EventOut}, summary="Make a draft of an event", operation_id="event_create")
def event_create(request: HttpRequest, data: EventIn) -> Status[Event]:
    caller = require(request, Role.AGENT)
    made = services.event_create(organisation=caller.organisation, by=caller.operator, **data.model_dump())
    return Status(201, read(caller, made.pk))


@router.get(
    "/events/preview",
    response={200: PreviewOut, 409: Refusal},
    summary="Say what the next run starts and completes",
    operation_id="event_preview",
)
def event_preview(request: HttpRequest, limit: Limit = 50) -> dict[str, Any]:
    organisation, sweep = require(request, Role.VIEWER).organisation, services.TRANSITION
    return next_run_preview(sweep=sweep, schedule=END_SCHEDULE, organisation=organisation, limit=limit)


@router.get("/events/{int:event_id}", response=EventOut, summary="Read an event", operation_id="event_get")
def event_get(request: HttpRequest, event_id: int) -> Event:
    return read(require(request, Role.VIEWER), event_id)


@router.patch(
    "/events/{int:event_id}",
    response=EventOut,
    summary="Edit or move an event; its reminders move with it",
    operation_id="event_edit",
)
def event_edit(request: HttpRequest, event_id: int, data: EventPatch) -> Event:
    """An event that has ended is open again when it is moved to later."""
    caller = require(request, Role.AGENT)
    services.event_edit(**_named(caller, event_id), **data.model_dump(exclude_unset=True))
    return read(caller, event_id)


@router.delete(
    "/events/{int:event_id}", response={204: None}, summary="Remove a draft for good", operation_id="event_delete"
)
def event_delete(request: HttpRequest, event_id: int) -> Status[None]:
    """What was published stays, with its history: cancel it."""
    services.event_delete(**_named(require(request, Role.AGENT), event_id))
    return Status(204, None)


@router.post(
    "/events/{int:event_id}/publish",
    response=EventOut,
    summary="Confirm a draft, or a cancelled event again",
    operation_id="event_publish",
)
def event_publish(request: HttpRequest, event_id: int) -> Event:
    caller = require(request, Role.AGENT)
    services.event_publish(**_named(caller, event_id))
    return read(caller, event_id)


@router.post(
    "/events/{int:event_id}/cancel", response=EventOut, summary="Call an event off", operation_id="event_cancel"
)
def event_cancel(request: HttpRequest, event_id: int) -> Event:
    caller = require(request, Role.AGENT)
    services.event_cancel(**_named(caller, event_id))
    return read(caller, event_id)


@router.get(
    "/events/{int:event_id}/history",
    response=list[EventHistoryOut],
    summary="List what happened to an event, oldest first",
    operation_id="event_history",
)
def event_history(request: HttpRequest, event_id: int) -> list[EventHistory]:
    return list(read(require(request, Role.VIEWER), event_id).history.all())


@router.get(
    "/events/{int:event_id}/why",
    response=NextActionOut,
    summary="Say what happens to an event next, when and why",
    operation_id="event_why",
)
def event_why(request: HttpRequest, event_id: int) -> NextAction:
    return read(require(request, Role.VIEWER), event_id).next_action


def read(caller: Caller, event_id: int) -> Event:
    event = selectors.event_get(organisation=caller.organisation, event_id=event_id, now=database_now())
    return foretell([found(event, "event", event_id)])[0]


def _named(caller: Caller, event_id: int) -> dict[str, Any]:
    return {"organisation": caller.organisation, "event_id": event_id, "by": caller.operator}
