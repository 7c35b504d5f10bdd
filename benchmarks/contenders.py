"""Four ways to archive what is due at a moment; each returns how many tickets it archived."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from apps.tickets.enums import ARCHIVE_SCHEDULE, ARCHIVE_TASK, EventKind
from apps.tickets.models import Ticket, TicketEvent
from apps.tickets.services.archive import tickets_archive_due
from benchmarks.scale import START
from core.runs.running import Running, current

Contender = Callable[[datetime], int]

# Up to here the guard counts what is due, as every hour; what is due later would be held, and needs an approval.
NOT_HELD_UNTIL = START + timedelta(hours=1)
# Its row is in every table of runs from the start (tables.py): making it is not measured, what each batch tells it is.
RUN = UUID(int=1)

SOURCE = """
    UPDATE tickets_ticket SET archived_at = %(now)s
    WHERE column_id IN (SELECT id FROM tickets_column WHERE is_done_column)
      AND NOT is_archived AND updated_at < %(now)s - interval '24 hours'
"""

# The least that archives and writes history in short transactions: it believes the hint and looks at nothing else. Its
# batches stay as they are when the service's change.
FLOOR = f"""
    WITH due AS (
        SELECT id FROM tickets_ticket
        WHERE archived_at IS NULL AND archive_at IS NOT NULL AND archive_at < %(now)s
        ORDER BY archive_at, id LIMIT 1000 FOR UPDATE SKIP LOCKED
    ), archived AS (
        UPDATE tickets_ticket t SET archived_at = %(now)s, updated_at = %(now)s FROM due WHERE t.id = due.id
        RETURNING t.id
    )
    INSERT INTO tickets_ticketevent (ticket_id, at, actor_name, kind, old, new, automatic)
    SELECT id, %(now)s, '{ARCHIVE_SCHEDULE}', '{EventKind.ARCHIVED}', 'Done', '', true FROM archived
"""


def ours(now: datetime) -> int:
    """Run the service as the hourly task does: as the work of a run, whose id goes into the history."""
    token = current.set(Running(RUN, ARCHIVE_TASK, 1, 1, approved=now > NOT_HELD_UNTIL))
    try:
        return tickets_archive_due(now=now).archived
    finally:
        current.reset(token)


def source(now: datetime) -> int:
    """Do what the project does that this one replaces: one UPDATE by the last edit, without history."""
    return _execute(SOURCE, now)


def floor(now: datetime) -> int:
    """Repeat the batch until nothing is left; like the service, wait for no disk at a commit."""
    _execute("SET synchronous_commit = off", now)
    total = 0
    while archived := _execute(FLOOR, now):
        total += archived
    return total


def loop(rows: int) -> Contender:
    """Return the loop over objects, which ends after so many tickets."""

    def archive(now: datetime) -> int:
        entered = now - timedelta(hours=24)
        due = Ticket.objects.filter(column__is_done_column=True, archived_at=None, entered_column_at__lt=entered)
        tickets = list(due.select_related("column")[:rows])
        for ticket in tickets:
            _save(ticket, now)
        return len(tickets)

    return archive


@transaction.atomic
def _save(ticket: Ticket, now: datetime) -> None:
    ticket.archived_at, ticket.archive_at = now, None
    ticket.save(update_fields=["archived_at", "archive_at", "updated_at"])
    TicketEvent.objects.create(
        ticket=ticket, kind=EventKind.ARCHIVED, actor_name=ARCHIVE_SCHEDULE, old=ticket.column.name, automatic=True
    )


def _execute(statement: str, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"now": now})
        return int(cursor.rowcount)


NAMES = ("ours", "floor", "source", "loop")


def contenders(loop_rows: int) -> dict[str, Contender]:
    return dict(zip(NAMES, (ours, floor, source, loop(loop_rows)), strict=True))
