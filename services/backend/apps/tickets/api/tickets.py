"""Tickets: list, make, edit, and say what will happen to them."""

from dataclasses import asdict
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from ninja import Query, Router, Status
from ninja.errors import HttpError

from apps.tickets import selectors, services
from apps.tickets.api.actors import actor
from apps.tickets.api.schemas import (
    TicketEventOut,
    TicketFilter,
    TicketIn,
    TicketOut,
    TicketPage,
    TicketPatch,
    TicketPreview,
)
from apps.tickets.enums import ARCHIVE_SCHEDULE
from apps.tickets.foresight import foretell
from apps.tickets.models import Ticket, TicketEvent
from core.answers import NextActionOut, found
from core.clock import database_now
from core.cursors import page_of
from core.inputs import Limit
from core.organisations.auth import Caller, require
from core.organisations.enums import Role
from core.organisations.models import Organisation
from core.refusals import Refusal
from core.schedules.foresight import NextAction, schedule_slots
from core.schedules.slots import INSTANT

router = Router(tags=["tickets"])


@router.get("/tickets", response=TicketPage, summary="List tickets, newest first", operation_id="ticket_list")
def ticket_list(request: HttpRequest, filters: Query[TicketFilter], limit: Limit = 50) -> dict[str, Any]:
    rows = filters.filter(selectors.ticket_list(organisation=require(request, Role.VIEWER).organisation))
    tickets, last = page_of(list(rows[: limit + 1]), limit)
    return {"items": foretell(tickets), "next_cursor": last and last.number}


@router.post("/tickets", response={201: TicketOut}, summary="Make a ticket", operation_id="ticket_create")
def ticket_create(request: HttpRequest, data: TicketIn) -> Status[Ticket]:
    caller = require(request, Role.AGENT)
    column = selectors.column_get(organisation=caller.organisation, column_id=data.column_id)
    fields = _fields(caller.organisation, data.model_dump(exclude={"column_id"}))
    made = services.ticket_create(column=found(column, "column", data.column_id), actor=actor(caller), **fields)
    return Status(201, _read(caller, made.pk))


@router.get(
    "/tickets/preview",
    response={200: TicketPreview, 409: Refusal},
    summary="Say what the next archive run takes",
    operation_id="ticket_preview",
)
def ticket_preview(request: HttpRequest, limit: Limit = 50) -> dict[str, Any]:
    organisation = require(request, Role.VIEWER).organisation
    slots = schedule_slots(ARCHIVE_SCHEDULE)
    at = slots.next(database_now()) if slots else None
    if at is None:
        raise HttpError(409, "The archive schedule is switched off or was never synced: there is no next run.")
    question: dict[str, Any] = {"at": at + INSTANT, "organisation": organisation}
    listed = selectors.archive_candidate_list(**question, limit=limit)
    count = selectors.archive_candidate_count(**question)
    return {"at": at, "count": count, "tickets": [asdict(candidate) for candidate in listed]}


@router.get("/tickets/{int:ticket_id}", response=TicketOut, summary="Read a ticket", operation_id="ticket_get")
def ticket_get(request: HttpRequest, ticket_id: int) -> Ticket:
    return _read(require(request, Role.VIEWER), ticket_id)


@router.patch("/tickets/{int:ticket_id}", response=TicketOut, summary="Edit a ticket", operation_id="ticket_edit")
def ticket_edit(request: HttpRequest, ticket_id: int, data: TicketPatch) -> Ticket:
    caller = require(request, Role.AGENT)
    fields = _fields(caller.organisation, data.model_dump(exclude_unset=True))
    services.ticket_edit(organisation=caller.organisation, ticket_id=ticket_id, actor=actor(caller), **fields)
    return _read(caller, ticket_id)


@router.get(
    "/tickets/{int:ticket_id}/history",
    response=list[TicketEventOut],
    summary="List what happened to a ticket, oldest first",
    operation_id="ticket_history",
)
def ticket_history(request: HttpRequest, ticket_id: int) -> list[TicketEvent]:
    return list(_read(require(request, Role.VIEWER), ticket_id).events.all())


@router.get(
    "/tickets/{int:ticket_id}/why",
    response=NextActionOut,
    summary="Say what happens to a ticket next, when and why",
    operation_id="ticket_why",
)
def ticket_why(request: HttpRequest, ticket_id: int) -> NextAction:
    ticket = _read(require(request, Role.VIEWER), ticket_id)
    foretold: NextAction = ticket.next_action  # type: ignore[attr-defined]
    return foretold


def _read(caller: Caller, ticket_id: int) -> Ticket:
    ticket = selectors.ticket_get(organisation=caller.organisation, ticket_id=ticket_id)
    return foretell([found(ticket, "ticket", ticket_id)])[0]


def _fields(organisation: Organisation, fields: dict[str, Any]) -> dict[str, Any]:
    """Turn the assignee's user name into the user."""
    name = fields.get("assignee")
    if name is None:
        return fields
    user = User.objects.filter(username=name, memberships__organisation=organisation).first()
    if user is None:
        raise HttpError(422, f"There is no member {name!r} in your organisation.")
    return fields | {"assignee": user}
