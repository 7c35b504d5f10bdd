"""What happens while somebody else is at the same tickets: real second connections, real locks."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from apps.tickets import services
from apps.tickets.models import Ticket, TicketEvent
from apps.tickets.services import Outcome
from apps.tickets.tests.factories import ColumnFactory, DoneFactory, TicketFactory
from core.clock import database_now
from core.runs.tests.apart import apart, at_once
from tests.waiting import poll

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def colleague() -> Iterator[BaseDatabaseWrapper]:
    """Another connection with an open transaction, as a person's request in flight has."""
    other = connections.create_connection("default")
    other.set_autocommit(False)
    yield other
    other.close()


def test_locked_ticket_is_skipped_and_taken_by_the_next_run(colleague: BaseDatabaseWrapper) -> None:
    column = DoneFactory()
    locked, free = TicketFactory(column=column, hours=26), TicketFactory(column=column, hours=25)
    with colleague.cursor() as cursor:
        cursor.execute("SELECT 1 FROM tickets_ticket WHERE id = %s FOR UPDATE", [locked.pk])

    assert services.tickets_archive_due() == Outcome(1, 1, 0)
    assert list(Ticket.objects.filter(is_archived=True)) == [free]

    colleague.rollback()
    assert services.tickets_archive_due() == Outcome(1, 1, 0)


def test_ticket_moved_out_of_done_meanwhile_is_not_archived(colleague: BaseDatabaseWrapper) -> None:
    done = DoneFactory()
    todo = ColumnFactory(board=done.board)
    TicketFactory(column=done, hours=25)
    with colleague.cursor() as cursor:
        cursor.execute("UPDATE tickets_ticket SET column_id = %s", [todo.pk])

    assert services.tickets_archive_due() == Outcome(0, 0, 0)
    colleague.commit()

    assert services.tickets_archive_due() == Outcome(0, 0, 0)
    assert Ticket.objects.get().column == todo


def test_run_waits_for_nobody(colleague: BaseDatabaseWrapper) -> None:
    TicketFactory.create_batch(3, column=DoneFactory(), hours=25)
    with colleague.cursor() as cursor:
        cursor.execute("UPDATE tickets_ticket SET title = 'being edited'")
    began = database_now()

    assert services.tickets_archive_due() == Outcome(0, 0, 0)

    assert database_now() - began < timedelta(seconds=1)


def test_two_archivers_at_once_share_the_work_without_overlap() -> None:
    column = DoneFactory()
    place = {"column": column, "board": column.board, "organisation": column.board.organisation}
    since = database_now() - timedelta(hours=30)
    Ticket.objects.bulk_create(Ticket(**place, number=n, entered_column_at=since) for n in range(5000))

    outcomes = at_once(services.tickets_archive_due)

    assert sum(outcome.archived for outcome in outcomes) == Ticket.objects.filter(is_archived=True).count() == 5000
    assert TicketEvent.objects.values("ticket").distinct().count() == TicketEvent.objects.count() == 5000


def test_change_of_a_board_waits_for_moves_in_flight(colleague: BaseDatabaseWrapper) -> None:
    """Else a ticket that enters Done with the old threshold could escape the recompute."""
    done = DoneFactory()
    TicketFactory(column=ColumnFactory(board=done.board))
    with colleague.cursor() as cursor:
        cursor.execute("UPDATE tickets_ticket SET column_id = %s", [done.pk])

    with ThreadPoolExecutor(1) as pool:
        edit = pool.submit(apart, services.board_edit, board=done.board, archive_after_hours=2)
        poll(somebody_waits, what="the board's change waits for the move", seconds=10, every=0.05)
        colleague.commit()
        edit.result()

    ticket = Ticket.objects.get()
    assert ticket.archive_at == ticket.entered_column_at + timedelta(hours=2)


def somebody_waits() -> bool:
    """Tell whether a transaction waits for another one's lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database())"
        )
        return bool(cursor.fetchone()[0])
