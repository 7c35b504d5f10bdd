import pytest

from apps.tickets import services
from apps.tickets.models import Ticket
from apps.tickets.services import Actor, NotFoundError, RefusedError
from apps.tickets.tests.factories import BoardFactory, ColumnFactory, DoneFactory, TicketFactory
from core.clock import database_now

pytestmark = pytest.mark.django_db

ANNE = Actor(name="Anne")


def test_bulk_move_restarts_every_clock() -> None:
    done = DoneFactory()
    tickets = TicketFactory.create_batch(3, column=ColumnFactory(board=done.board), hours=100)
    ids = [ticket.pk for ticket in tickets]

    moved = services.tickets_move(organisation=done.board.organisation, ids=ids, column=done, actor=ANNE)

    assert moved == 3
    assert set(Ticket.objects.values_list("column", "entered_column_at")) == {(done.pk, database_now())}


def test_move_to_the_same_column_keeps_clock_and_history() -> None:
    ticket = TicketFactory(column=DoneFactory(), hours=5)

    moved = services.tickets_move(organisation=ticket.organisation, ids=[ticket.pk], column=ticket.column, actor=ANNE)

    assert (moved, ticket.events.count()) == (0, 0)
    assert Ticket.objects.get().entered_column_at == ticket.entered_column_at


def test_move_is_recorded_with_both_places() -> None:
    done = DoneFactory(board__name="Desk")
    ticket = TicketFactory(column=ColumnFactory(board=done.board, name="To do"))

    services.tickets_move(organisation=ticket.organisation, ids=[ticket.pk], column=done, actor=ANNE)

    events = ticket.events.values_list("at", "kind", "old", "new", "actor_name", "automatic")
    assert list(events) == [(database_now(), "moved", "Desk / To do", "Desk / Done", "Anne", False)]


def test_move_to_another_board_takes_that_boards_threshold() -> None:
    ticket = TicketFactory(hours=100)
    board = BoardFactory(organisation=ticket.organisation, archive_after_hours=2)
    column = DoneFactory(board=board)

    services.tickets_move(organisation=ticket.organisation, ids=[ticket.pk], column=column, actor=ANNE)

    ticket.refresh_from_db()
    assert ticket.board == board
    assert ticket.archive_at is not None
    assert (ticket.archive_at - database_now()).total_seconds() == 2 * 3600


def test_bulk_move_with_a_foreign_ticket_moves_nothing() -> None:
    done = DoneFactory()
    mine, foreign = TicketFactory(column=ColumnFactory(board=done.board)), TicketFactory()

    with pytest.raises(NotFoundError, match=f"no ticket with the id {foreign.pk} in"):
        services.tickets_move(organisation=mine.organisation, ids=[mine.pk, foreign.pk], column=done, actor=ANNE)

    assert Ticket.objects.get(pk=mine.pk).column == mine.column


def test_bulk_move_with_an_archived_ticket_moves_nothing() -> None:
    done = DoneFactory()
    todo = ColumnFactory(board=done.board)
    mine, archived = TicketFactory(column=todo), TicketFactory(column=todo, archived_at=database_now())

    with pytest.raises(RefusedError, match=f"Archived: #{archived.number}"):
        services.tickets_move(organisation=mine.organisation, ids=[mine.pk, archived.pk], column=done, actor=ANNE)

    assert Ticket.objects.get(pk=mine.pk).column == todo
