"""Moves, pins, archiving and restoring: what agents do to tickets."""

from django.http import HttpRequest
from ninja import Router

from apps.tickets import selectors, services
from apps.tickets.api.actors import actor
from apps.tickets.api.schemas import BulkMoveIn, Changed, MoveIn
from core.answers import found
from core.organisations.auth import require
from core.organisations.enums import Role

router = Router(tags=["tickets"])


@router.post("/tickets/move", response=Changed, summary="Move many tickets, all or none", operation_id="tickets_move")
def tickets_move(request: HttpRequest, data: BulkMoveIn) -> dict[str, int]:
    return _move(request, data.ids, data.column_id)


@router.post("/tickets/{int:ticket_id}/move", response=Changed, summary="Move a ticket", operation_id="ticket_move")
def ticket_move(request: HttpRequest, ticket_id: int, data: MoveIn) -> dict[str, int]:
    return _move(request, [ticket_id], data.column_id)


@router.post(
    "/tickets/{int:ticket_id}/pin", response=Changed, summary="Keep a ticket on its board", operation_id="ticket_pin"
)
def ticket_pin(request: HttpRequest, ticket_id: int) -> dict[str, int]:
    return _pin(request, ticket_id, pinned=True)


@router.post(
    "/tickets/{int:ticket_id}/unpin", response=Changed, summary="Take the pin off", operation_id="ticket_unpin"
)
def ticket_unpin(request: HttpRequest, ticket_id: int) -> dict[str, int]:
    return _pin(request, ticket_id, pinned=False)


@router.post(
    "/tickets/{int:ticket_id}/archive", response=Changed, summary="Archive a ticket now", operation_id="ticket_archive"
)
def ticket_archive(request: HttpRequest, ticket_id: int) -> dict[str, int]:
    caller = require(request, Role.AGENT)
    changed = services.tickets_archive(organisation=caller.organisation, ids=[ticket_id], actor=actor(caller))
    return {"changed": changed}


@router.post(
    "/tickets/{int:ticket_id}/restore",
    response=Changed,
    summary="Put an archived ticket back, with a new clock",
    operation_id="ticket_restore",
)
def ticket_restore(request: HttpRequest, ticket_id: int) -> dict[str, int]:
    caller = require(request, Role.AGENT)
    changed = services.tickets_restore(organisation=caller.organisation, ids=[ticket_id], actor=actor(caller))
    return {"changed": changed}


def _move(request: HttpRequest, ids: list[int], column_id: int) -> dict[str, int]:
    caller = require(request, Role.AGENT)
    column = found(selectors.column_get(organisation=caller.organisation, column_id=column_id), "column", column_id)
    changed = services.tickets_move(organisation=caller.organisation, ids=ids, column=column, actor=actor(caller))
    return {"changed": changed}


def _pin(request: HttpRequest, ticket_id: int, *, pinned: bool) -> dict[str, int]:
    caller = require(request, Role.AGENT)
    changed = services.tickets_pin(
        organisation=caller.organisation, ids=[ticket_id], pinned=pinned, actor=actor(caller)
    )
    return {"changed": changed}
