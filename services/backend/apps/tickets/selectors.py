"""Reads: boards, tickets, and what will leave when and why."""

from collections.abc import Iterator
from datetime import datetime

from apps.tickets.archive_rule import ARCHIVE_DUE, Candidate
from apps.tickets.models import Board, Column, Ticket, TicketQuerySet
from core.organisations.models import Organisation
from core.sweep.preview import due_count, due_list


def archive_candidate_list(
    *, at: datetime, organisation: Organisation | None = None, limit: int | None = None
) -> Iterator[Candidate]:
    """Yield what a run at `at` would archive, the longest overdue first; memory stays flat, however many there are."""
    for row in due_list(due=ARCHIVE_DUE, now=at, organisation=organisation, limit=limit):
        yield Candidate(*row)


def archive_candidate_count(*, at: datetime, organisation: Organisation | None = None) -> int:
    return due_count(due=ARCHIVE_DUE, now=at, organisation=organisation)


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
