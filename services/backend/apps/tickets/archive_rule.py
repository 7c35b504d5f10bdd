"""The archive rule as SQL, written once: the hourly run, the dry run, the preview and the guard are built from it.

A ticket leaves when it is in a Done column, is not pinned, and entered the column strictly longer ago than its board's
threshold. The SQL function `tickets_archive_due` (migrations/0002) says when that is, or NULL; triggers and
`TicketQuerySet.with_due_at` call the same function.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from core.sweep.declaration import Due, Row


@dataclass(frozen=True)
class Candidate:
    """A ticket that a run at the asked time would archive."""

    id: int
    number: int
    title: str
    organisation: str
    board: str
    column: str
    entered_column_at: datetime
    hours: int
    due_at: datetime

    @property
    def why(self) -> str:
        return f"in {self.column} since {self.entered_column_at:%Y-%m-%d %H:%M}, more than {self.hours} h"


SHOWN = """
    t.id, t.number, t.title, o.slug, checked.board_name, checked.column_name, checked.entered_column_at, checked.hours,
    checked.due_at
"""

# Tickets that only the rule finds, because their board's hints still wait for a new setting to be worked in.
UNHINTED = """
    t.archived_at IS NULL AND (t.archive_at IS NULL OR t.archive_at >= %(now)s)
    AND t.column_id IN (
        SELECT c.id FROM tickets_column c JOIN tickets_board b ON b.id = c.board_id
        WHERE c.is_done_column AND (
            b.hints_stale_since IS NOT NULL
            OR b.effective_hours IS DISTINCT FROM coalesce(b.archive_after_hours, %(default_hours)s)))
"""

CHECK = """
    SELECT due.id, due.entered_column_at,
           c.name AS column_name, b.name AS board_name, rule.hours,
           tickets_archive_due(c.is_done_column, due.pinned, due.entered_column_at, rule.hours) AS due_at
    FROM due
    JOIN tickets_column c ON c.id = due.column_id
    JOIN tickets_board b ON b.id = c.board_id
    CROSS JOIN LATERAL (SELECT coalesce(b.archive_after_hours, %(default_hours)s) AS hours) rule
"""


def defaults() -> dict[str, Any]:
    return {"default_hours": settings.TICKET_ARCHIVE_AFTER_HOURS}


def describe(row: tuple[Any, ...]) -> Row:
    ticket = Candidate(*row)
    what = f"Archive #{ticket.number} {ticket.title!r} of {ticket.organisation} / {ticket.board}"
    return Row(f"tickets.ticket:{ticket.id}", what, ticket.why)


ARCHIVE_DUE = Due(
    table="tickets_ticket",
    subject="tickets.ticket",
    hint="archive_at",
    waiting="t.archived_at IS NULL",
    columns="t.column_id, t.pinned, t.entered_column_at",
    check=CHECK,
    shown=SHOWN,
    joins="JOIN organisations_organisation o ON o.id = t.organisation_id",
    describe=describe,
    unhinted=UNHINTED,
    values=defaults,
)
