"""What will happen next to a ticket, when, and why: said from the rule and the schedule, before it happens."""

from datetime import datetime

from apps.tickets.enums import ARCHIVE_SCHEDULE
from apps.tickets.models import Ticket
from core.clock import database_now
from core.schedules.foresight import NextAction, nothing, planned, said, schedule_slots
from core.schedules.slots import Slots


def next_action(*, ticket: Ticket, slots: Slots | None, now: datetime) -> NextAction:
    """Explain a ticket that was read by `selectors.ticket_list` or `ticket_get` (they annotate `due_at`)."""
    due_at: datetime | None = getattr(ticket, "due_at")  # noqa: B009  # an annotation, no field of the model
    if due_at is None:
        return nothing(_why_it_stays(ticket))
    # A hint later than the rule is a retry after a failure, unless the hints still wait for a new setting.
    due = max(due_at, ticket.archive_at or due_at) if ticket.board.hints_are_current else due_at
    return planned("archive", due, _why_it_leaves(ticket), ARCHIVE_SCHEDULE, slots, now)


def foretell(tickets: list[Ticket]) -> list[Ticket]:
    """Give each ticket its `next_action`; all of them share one look at the schedule and the clock."""
    slots, now = schedule_slots(ARCHIVE_SCHEDULE), database_now()
    for ticket in tickets:
        ticket.next_action = next_action(ticket=ticket, slots=slots, now=now)  # type: ignore[attr-defined]
    return tickets


def _why_it_stays(ticket: Ticket) -> str:
    if ticket.archived_at:
        return f"Archived on {said(ticket.archived_at)}."
    if not ticket.column.is_done_column:
        return f"{ticket.column.name} is not a Done column."
    return "Pinned: it stays until somebody unpins it."


def _why_it_leaves(ticket: Ticket) -> str:
    board = ticket.board
    source = "the default" if board.archive_after_hours is None else f"set for the board {board.name}"
    limit = f"tickets leave after more than {board.threshold_hours} h ({source})"
    return f"In {ticket.column.name} since {said(ticket.entered_column_at)}, and {limit}"
