"""Hints follow every change of a setting, in short batches that can be interrupted."""

from datetime import timedelta

import pytest
from django.db import transaction
from pytest_django import Settings

from apps.tickets import services
from apps.tickets.models import Board, Column, Ticket
from apps.tickets.services import Outcome
from apps.tickets.tests.factories import BoardFactory, ColumnFactory, DoneFactory, TicketFactory
from core.clock import database_now
from core.sweep.batches import BATCH_ROWS

HOUR = timedelta(hours=1)


@pytest.mark.django_db(transaction=True)
def test_board_edit_moves_the_hints_of_this_board_only() -> None:
    mine, other = (TicketFactory(column=DoneFactory(), hours=5) for _ in range(2))

    services.board_edit(board=mine.board, archive_after_hours=2)

    mine.refresh_from_db()
    assert mine.archive_at == mine.entered_column_at + 2 * HOUR
    assert Ticket.objects.get(pk=other.pk).archive_at == other.archive_at
    assert Board.objects.filter(hints_stale_since__isnull=False).count() == 0


@pytest.mark.django_db(transaction=True)
def test_column_edit_gives_and_takes_due_hints() -> None:
    ticket = TicketFactory(column=ColumnFactory(), hours=5)

    services.column_edit(column=ticket.column, is_done_column=True)
    assert Ticket.objects.get().archive_at == ticket.entered_column_at + 24 * HOUR

    services.column_edit(column=ticket.column, is_done_column=False)
    assert Ticket.objects.get().archive_at is None


@pytest.mark.django_db
def test_column_that_becomes_done_by_any_hand_marks_its_board() -> None:
    column, other = ColumnFactory(), ColumnFactory()

    Column.objects.filter(pk=column.pk).update(is_done_column=True)

    assert list(Board.objects.filter(hints_stale_since__isnull=False)) == [column.board]
    assert other.board.hints_are_current


@pytest.mark.django_db
def test_run_catches_up_with_a_column_that_became_done_by_any_hand() -> None:
    ticket = TicketFactory(column=ColumnFactory(), hours=25)
    Column.objects.update(is_done_column=True)

    assert services.tickets_archive_due() == Outcome(1, 1, 0)
    assert Board.objects.get(pk=ticket.board_id).hints_are_current


@pytest.mark.django_db
def test_run_does_not_archive_from_a_column_that_stopped_being_done() -> None:
    TicketFactory(column=DoneFactory(), hours=25)
    Column.objects.update(is_done_column=False)

    assert services.tickets_archive_due() == Outcome(0, 0, 0)


@pytest.mark.django_db
def test_run_catches_up_with_a_threshold_set_by_sql() -> None:
    TicketFactory(column=DoneFactory(), hours=5)
    Board.objects.update(archive_after_hours=2)

    assert services.tickets_archive_due() == Outcome(1, 1, 0)


@pytest.mark.django_db
def test_refresh_goes_through_more_tickets_than_one_batch() -> None:
    done = ColumnFactory()
    place = {"column": done, "board": done.board, "organisation": done.board.organisation}
    Ticket.objects.bulk_create(Ticket(**place, number=n) for n in range(2 * BATCH_ROWS + 1))
    Column.objects.update(is_done_column=True)

    services.hints_refresh()

    assert set(Ticket.objects.values_list("archive_at", flat=True)) == {database_now() + 24 * HOUR}


@pytest.mark.django_db
def test_refresh_leaves_archived_tickets_alone(settings: Settings) -> None:
    TicketFactory(column=DoneFactory(), hours=50, archived_at=database_now())
    settings.TICKET_ARCHIVE_AFTER_HOURS = 1

    services.hints_refresh()

    assert Ticket.objects.get().archive_at is None


@pytest.mark.django_db(transaction=True)
def test_rolled_back_edit_leaves_hints_and_mark_alone() -> None:
    ticket = TicketFactory(column=DoneFactory(), hours=5)

    with transaction.atomic():
        services.board_edit(board=ticket.board, archive_after_hours=2)
        transaction.set_rollback(True)

    assert Ticket.objects.get().archive_at == ticket.archive_at
    assert Board.objects.get().hints_are_current


@pytest.mark.django_db
def test_new_board_starts_with_its_threshold(settings: Settings) -> None:
    settings.TICKET_ARCHIVE_AFTER_HOURS = 36

    assert [BoardFactory(archive_after_hours=hours).effective_hours for hours in (None, 0, 5)] == [36, 0, 5]
