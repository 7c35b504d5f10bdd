"""Writes: everything that changes a board or a ticket. Transactions live here."""

from apps.tickets.services.archive import ARCHIVE, Outcome, tickets_archive_due
from apps.tickets.services.boards import (
    board_create,
    board_edit,
    column_create,
    column_edit,
    columns_order,
    hints_refresh_later,
)
from apps.tickets.services.hints import hints_refresh
from apps.tickets.services.history import Actor
from apps.tickets.services.moves import tickets_move
from apps.tickets.services.tickets import ticket_create, ticket_edit, tickets_archive, tickets_pin, tickets_restore
from core.errors import NotFoundError, RefusedError

__all__ = [
    "ARCHIVE",
    "Actor",
    "NotFoundError",
    "Outcome",
    "RefusedError",
    "board_create",
    "board_edit",
    "column_create",
    "column_edit",
    "columns_order",
    "hints_refresh",
    "hints_refresh_later",
    "ticket_create",
    "ticket_edit",
    "tickets_archive",
    "tickets_archive_due",
    "tickets_move",
    "tickets_pin",
    "tickets_restore",
]
