"""The database keeps the clock and the due hint, whoever writes."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.db.models import F

from apps.tickets.models import Ticket
from apps.tickets.tests.factories import ColumnFactory, DoneFactory, TicketFactory
from core.clock import database_now

pytestmark = pytest.mark.django_db

DAY = timedelta(hours=24)


def test_new_ticket_in_done_is_due_after_the_threshold() -> None:
    ticket = TicketFactory(column=DoneFactory())

    assert ticket.archive_at == ticket.entered_column_at + DAY


@pytest.mark.parametrize("fields", [{"column__is_done_column": False}, {"pinned": True}, {"archived_at": database_now}])
def test_new_ticket_that_cannot_leave_has_no_due_hint(fields: dict[str, object]) -> None:
    values = {name: value() if callable(value) else value for name, value in fields.items()}

    assert TicketFactory(**values).archive_at is None


def test_queryset_update_of_the_column_restarts_the_clock() -> None:
    done = DoneFactory()
    TicketFactory.create_batch(3, column=ColumnFactory(board=done.board), hours=100)

    Ticket.objects.update(column=done)

    now = database_now()
    assert set(Ticket.objects.values_list("entered_column_at", "archive_at")) == {(now, now + DAY)}


def test_sql_by_hand_cannot_forge_the_clock_of_a_move() -> None:
    done = DoneFactory()
    TicketFactory(column=ColumnFactory(board=done.board), hours=100)

    with connection.cursor() as cursor:
        cursor.execute("UPDATE tickets_ticket SET column_id = %s, entered_column_at = '2001-01-01'", [done.pk])

    assert Ticket.objects.get().entered_column_at == database_now()


def test_move_out_of_done_takes_the_due_hint_away() -> None:
    done = DoneFactory()
    TicketFactory(column=done, hours=100)

    Ticket.objects.update(column=ColumnFactory(board=done.board))

    assert Ticket.objects.get().archive_at is None


def test_pin_and_unpin_keep_the_clock_and_change_the_due_hint() -> None:
    ticket = TicketFactory(column=DoneFactory(), hours=5)

    Ticket.objects.update(pinned=True)
    assert Ticket.objects.values_list("entered_column_at", "archive_at").get() == (ticket.entered_column_at, None)

    Ticket.objects.update(pinned=False)
    assert Ticket.objects.get().archive_at == ticket.entered_column_at + DAY


def test_unarchiving_by_any_hand_restarts_the_clock() -> None:
    TicketFactory(column=DoneFactory(), hours=100, archived_at=database_now() - DAY)

    Ticket.objects.update(archived_at=None)

    now = database_now()
    assert Ticket.objects.values_list("entered_column_at", "archive_at").get() == (now, now + DAY)


def test_edit_of_other_fields_keeps_clock_and_hint() -> None:
    ticket = TicketFactory(column=DoneFactory(), hours=5)

    Ticket.objects.update(title="Edited", updated_at=F("updated_at") + DAY)

    hints = Ticket.objects.values_list("entered_column_at", "archive_at").get()
    assert hints == (ticket.entered_column_at, ticket.archive_at)


def test_save_of_an_old_copy_does_not_write_clock_or_hint_back() -> None:
    ticket = TicketFactory(column=DoneFactory(), hours=5)
    Ticket.objects.update(archive_at=None, entered_column_at=F("entered_column_at") - DAY)
    kept = Ticket.objects.values_list("entered_column_at", "archive_at").get()

    ticket.title = "Saved"
    ticket.save()

    assert Ticket.objects.values_list("title", "entered_column_at", "archive_at").get() == ("Saved", *kept)


def test_ticket_cannot_stand_in_a_column_of_another_board() -> None:
    TicketFactory()
    elsewhere = ColumnFactory()

    with pytest.raises(IntegrityError, match=f"column {elsewhere.pk} and organisation"):
        Ticket.objects.update(column=elsewhere)
