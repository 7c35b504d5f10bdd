"""Reads: boards, tickets, and what will leave when and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from apps.tickets.archive_rule import CHECKED, DUE_COLUMNS, HINTED, UNHINTED
from apps.tickets.models import Board, Column, Ticket, TicketQuerySet
from core.organisations.models import Organisation

# The same pieces as the run's statement, without locks and limits, and with what only the rule finds yet.
CANDIDATES = f"""
    WITH due AS (
        SELECT {DUE_COLUMNS} FROM tickets_ticket t WHERE {HINTED} AND {{mine}}
        UNION ALL SELECT {DUE_COLUMNS} FROM tickets_ticket t WHERE {UNHINTED} AND {{mine}}
    ), checked AS ({CHECKED})
"""  # noqa: S608  # built from constants; every value is a parameter

LISTING = """
    SELECT t.id, t.number, t.title, o.slug, checked.board_name, checked.column_name, checked.entered_column_at,
           checked.hours, checked.due_at
    FROM checked
    JOIN tickets_ticket t ON t.id = checked.id
    JOIN organisations_organisation o ON o.id = t.organisation_id
    WHERE checked.due_at < %(now)s ORDER BY checked.due_at, checked.id LIMIT %(limit)s
"""


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


def archive_candidate_list(
    *, at: datetime, organisation: Organisation | None = None, limit: int | None = None
) -> Iterator[Candidate]:
    """Yield what a run at `at` would archive, the longest overdue first; memory stays flat, however many there are."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(*_candidates(LISTING, at, organisation, limit=limit))
        for row in cursor:
            yield Candidate(*row)


def archive_candidate_count(*, at: datetime, organisation: Organisation | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(*_candidates("SELECT count(*) FROM checked WHERE due_at < %(now)s", at, organisation))
        (count,) = cursor.fetchone()
    return int(count)


def _candidates(
    question: str, at: datetime, organisation: Organisation | None, **values: Any
) -> tuple[str, dict[str, Any]]:
    mine = "t.organisation_id = %(organisation)s" if organisation else "true"
    default = settings.TICKET_ARCHIVE_AFTER_HOURS
    known = {"now": at, "default_hours": default, "organisation": organisation and organisation.pk}
    return CANDIDATES.format(mine=mine) + question, known | values


def board_list(*, organisation: Organisation) -> list[Board]:
    return list(Board.objects.filter(organisation=organisation).prefetch_related("columns"))


def board_get(*, organisation: Organisation, board_id: int) -> Board | None:
    return Board.objects.filter(organisation=organisation, pk=board_id).prefetch_related("columns").first()


def column_get(*, organisation: Organisation, column_id: int) -> Column | None:
    columns = Column.objects.select_related("board").filter(board__organisation=organisation)
    return columns.filter(pk=column_id).first()


def ticket_list(*, organisation: Organisation) -> TicketQuerySet:
    """Return the organisation's tickets, newest first, with what `next_action` needs in the same query."""
    rows = Ticket.objects.filter(organisation=organisation).with_due_at()
    return rows.select_related("board", "column", "assignee")


def ticket_get(*, organisation: Organisation, ticket_id: int) -> Ticket | None:
    return ticket_list(organisation=organisation).filter(pk=ticket_id).first()
