"""One bad ticket stops nobody."""

import pytest
from django.db import OperationalError, ProgrammingError

from apps.tickets import services
from apps.tickets.models import Ticket
from apps.tickets.services import Outcome
from apps.tickets.tests.factories import DoneFactory, TicketFactory
from core.clock import database_now
from core.sweep.tests.curses import curse, lift_curse

TABLE = "tickets_ticket"


@pytest.mark.django_db
def test_failing_ticket_is_counted_and_the_others_are_archived() -> None:
    curse(TABLE, "archived_at")
    column = DoneFactory()
    for title in ("One", "Cursed", "Two"):
        TicketFactory(column=column, hours=25, title=title)

    assert services.tickets_archive_due() == Outcome(examined=3, archived=2, failed=1)
    assert Ticket.objects.get(is_archived=False).title == "Cursed"


@pytest.mark.django_db
def test_failing_ticket_is_tried_again_an_hour_later() -> None:
    curse(TABLE, "archived_at")
    TicketFactory(column=DoneFactory(), hours=25, title="Cursed")
    now = database_now()

    services.tickets_archive_due(now=now)

    assert services.tickets_archive_due(now=now) == Outcome(0, 0, 0)
    assert (Ticket.objects.get().archive_at - now).total_seconds() == 3600


@pytest.mark.django_db
def test_failing_ticket_is_named_in_the_log_with_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    curse(TABLE, "archived_at")
    ticket = TicketFactory(column=DoneFactory(), hours=25, title="Cursed")

    services.tickets_archive_due()

    expected = f"Ticket {ticket.pk} was not archived and is tried again in an hour: not this one"
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [expected]


@pytest.mark.django_db
def test_ticket_whose_hint_cannot_be_moved_does_not_hold_the_run_up() -> None:
    curse(TABLE, "archived_at, archive_at")
    column = DoneFactory()
    TicketFactory(column=column, hours=26, title="Cursed")
    TicketFactory(column=column, hours=25)

    assert services.tickets_archive_due() == Outcome(examined=2, archived=1, failed=1)


@pytest.mark.django_db(transaction=True)
def test_run_ends_with_the_error_when_the_connection_is_lost() -> None:
    curse(TABLE, "archived_at", "PERFORM pg_terminate_backend(pg_backend_pid())")
    TicketFactory(column=DoneFactory(), hours=25, title="Cursed")

    with pytest.raises(OperationalError):
        services.tickets_archive_due()

    lift_curse()


@pytest.mark.django_db
def test_run_ends_with_the_error_when_the_schema_is_wrong() -> None:
    curse(TABLE, "archived_at", "PERFORM nowhere FROM nothing")
    ticket = TicketFactory(column=DoneFactory(), hours=25, title="Cursed")

    with pytest.raises(ProgrammingError):
        services.tickets_archive_due()

    ticket.refresh_from_db()
    assert ticket.is_archived is False
