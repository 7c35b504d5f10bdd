"""What will happen next to a ticket, when, and why: said from the rule and the schedule, before it happens."""

from dataclasses import dataclass
from datetime import datetime

from django_celery_beat.models import PeriodicTask

from apps.tickets.enums import ARCHIVE_SCHEDULE
from apps.tickets.models import Ticket
from core.clock import database_now
from core.schedules.slots import Slots, slots_of


@dataclass(frozen=True)
class NextAction:
    """`what` is "archive" or "none"; `why` says it in a sentence, also why nothing will happen."""

    what: str
    at: datetime | None
    why: str
    by_schedule: str | None


@dataclass(frozen=True)
class ArchiveClock:
    """The hourly schedule as it stands in the database, an operator's edits included."""

    slots: Slots

    def run_after(self, moment: datetime) -> datetime | None:
        return self.slots.next(moment)


def archive_clock_get() -> ArchiveClock | None:
    """Return the schedule, or None when it is switched off or was never synced."""
    tasks = PeriodicTask.objects.filter(name=ARCHIVE_SCHEDULE, enabled=True, solar__isnull=True)
    task = tasks.select_related("crontab", "interval", "clocked").first()
    return task and ArchiveClock(slots_of(task))


def next_action(*, ticket: Ticket, clock: ArchiveClock | None, now: datetime) -> NextAction:
    """Explain a ticket that was read by `selectors.ticket_list` or `ticket_get` (they annotate `due_at`)."""
    due_at: datetime | None = getattr(ticket, "due_at")  # noqa: B009  # an annotation, no field of the model
    if due_at is None:
        return NextAction("none", None, _why_it_stays(ticket), None)
    why = _why_it_leaves(ticket)
    if clock is None:
        return NextAction("none", None, f"{why}; but the schedule {ARCHIVE_SCHEDULE} is switched off.", None)
    # A hint later than the rule is a retry after a failure, unless the hints still wait for a new setting.
    planned = max(due_at, ticket.archive_at or due_at) if ticket.board.hints_are_current else due_at
    return NextAction("archive", clock.run_after(max(planned, now)), f"{why}.", ARCHIVE_SCHEDULE)


def foretell(tickets: list[Ticket]) -> list[Ticket]:
    """Give each ticket its `next_action`; all of them share one look at the schedule and the clock."""
    clock, now = archive_clock_get(), database_now()
    for ticket in tickets:
        ticket.next_action = next_action(ticket=ticket, clock=clock, now=now)  # type: ignore[attr-defined]
    return tickets


def _why_it_stays(ticket: Ticket) -> str:
    if ticket.archived_at:
        return f"Archived on {_time(ticket.archived_at)}."
    if not ticket.column.is_done_column:
        return f"{ticket.column.name} is not a Done column."
    return "Pinned: it stays until somebody unpins it."


def _why_it_leaves(ticket: Ticket) -> str:
    board = ticket.board
    source = "the default" if board.archive_after_hours is None else f"set for the board {board.name}"
    limit = f"tickets leave after more than {board.threshold_hours} h ({source})"
    return f"In {ticket.column.name} since {_time(ticket.entered_column_at)}, and {limit}"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
