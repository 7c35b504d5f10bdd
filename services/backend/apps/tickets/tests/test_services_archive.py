import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from apps.tickets import services
from apps.tickets.models import Ticket, TicketEvent
from apps.tickets.services import Actor, Outcome
from apps.tickets.tests.factories import BoardFactory, ColumnFactory, DoneFactory, TicketFactory
from core.clock import database_now
from core.sweep.batches import BATCH_ROWS

pytestmark = pytest.mark.django_db

TICK = timedelta(microseconds=1)
DAY = timedelta(hours=24)


@pytest.mark.parametrize(("age", "archived"), [(DAY - TICK, 0), (DAY, 0), (DAY + TICK, 1)])
def test_ticket_leaves_when_strictly_older_than_the_threshold(age: timedelta, archived: int) -> None:
    ticket = TicketFactory(column=DoneFactory())

    outcome = services.tickets_archive_due(now=ticket.entered_column_at + age)

    assert outcome == Outcome(examined=archived, archived=archived, failed=0)


@given(
    is_done=st.booleans(),
    pinned=st.booleans(),
    hours=st.integers(0, 876_000),
    entered=st.integers(0, 10**15).map(lambda us: datetime(1990, 1, 1, tzinfo=UTC) + us * TICK),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_rule_is_entering_plus_threshold_for_unpinned_tickets_in_done(
    is_done: bool, pinned: bool, hours: int, entered: datetime
) -> None:
    with connection.cursor() as cursor:
        question = "SELECT tickets_archive_due(%s, %s, %s, %s)"
        cursor.execute(question, [is_done, pinned, entered, hours])
        (due_at,) = cursor.fetchone()

    assert due_at == (entered + timedelta(hours=hours) if is_done and not pinned else None)


@pytest.mark.parametrize(("hours", "age", "archived"), [(2, 3, 1), (48, 30, 0), (48, 49, 1), (0, 0.01, 1)])
def test_threshold_of_the_board_wins_over_the_default(hours: int, age: float, archived: int) -> None:
    TicketFactory(column=DoneFactory(board=BoardFactory(archive_after_hours=hours)), hours=age)

    assert services.tickets_archive_due().archived == archived


def test_pinned_ticket_stays() -> None:
    TicketFactory(column=DoneFactory(), hours=1000, pinned=True)

    assert services.tickets_archive_due() == Outcome(0, 0, 0)


def test_ticket_outside_done_stays() -> None:
    TicketFactory(column=ColumnFactory(), hours=1000)

    assert services.tickets_archive_due() == Outcome(0, 0, 0)


def test_ticket_archived_before_keeps_its_time() -> None:
    earlier = database_now() - timedelta(days=9)
    ticket = TicketFactory(column=DoneFactory(), hours=1000, archived_at=earlier)

    services.tickets_archive_due()

    ticket.refresh_from_db()
    assert ticket.archived_at == earlier


def test_edit_does_not_restart_the_clock() -> None:
    ticket = TicketFactory(column=DoneFactory(), hours=25)
    services.ticket_edit(organisation=ticket.organisation, ticket_id=ticket.pk, actor=Actor(), title="Edited")

    assert services.tickets_archive_due().archived == 1


def test_old_ticket_moved_in_bulk_stays_for_the_whole_threshold() -> None:
    done = DoneFactory()
    ticket = TicketFactory(column=ColumnFactory(board=done.board), hours=1000)
    services.tickets_move(organisation=ticket.organisation, ids=[ticket.pk], column=done, actor=Actor())
    moved_at = database_now()

    assert services.tickets_archive_due(now=moved_at + DAY).archived == 0
    assert services.tickets_archive_due(now=moved_at + DAY + TICK).archived == 1


def test_archiving_writes_time_and_history_together() -> None:
    ticket = TicketFactory(column=DoneFactory(name="Sorted"), hours=25)
    now = database_now()

    services.tickets_archive_due(now=now)

    ticket.refresh_from_db()
    assert (ticket.is_archived, ticket.archived_at, ticket.updated_at, ticket.archive_at) == (True, now, now, None)
    assert list(ticket.events.values_list("at", "kind", "old", "new", "actor", "actor_name", "automatic")) == [
        (now, "archived", "Sorted", "after more than 24 h", None, "archive-old-done-tickets", True)
    ]


def test_run_takes_every_organisation_and_more_than_one_batch() -> None:
    for count in (BATCH_ROWS + 1, 2):
        done = DoneFactory()
        place = {"column": done, "board": done.board, "organisation": done.board.organisation}
        since = database_now() - timedelta(hours=30)
        Ticket.objects.bulk_create(Ticket(**place, number=n, entered_column_at=since) for n in range(count))

    assert services.tickets_archive_due() == Outcome(BATCH_ROWS + 3, BATCH_ROWS + 3, 0)
    assert Ticket.objects.filter(is_archived=False).count() == 0
    assert TicketEvent.objects.count() == BATCH_ROWS + 3


def test_run_logs_its_count(caplog: pytest.LogCaptureFixture) -> None:
    TicketFactory.create_batch(2, column=DoneFactory(), hours=25)

    with caplog.at_level(logging.INFO, "deskbeat.tickets"):
        services.tickets_archive_due()

    assert [record.message for record in caplog.records] == ["Archived 2 tickets"]


def test_hint_that_is_too_early_is_mended_and_not_examined_again() -> None:
    ticket = TicketFactory(column=DoneFactory(), hours=1)
    Ticket.objects.update(archive_at=database_now() - DAY)

    assert services.tickets_archive_due() == Outcome(examined=1, archived=0, failed=0)
    assert services.tickets_archive_due() == Outcome(0, 0, 0)
    assert Ticket.objects.get().archive_at == ticket.entered_column_at + DAY


def test_hint_of_a_pinned_ticket_is_taken_away() -> None:
    TicketFactory(column=DoneFactory(), hours=25, pinned=True)
    Ticket.objects.update(archive_at=database_now() - DAY)

    assert services.tickets_archive_due() == Outcome(examined=1, archived=0, failed=0)
    assert Ticket.objects.get().archive_at is None


def test_lower_default_takes_effect_at_the_next_run(settings: Settings) -> None:
    TicketFactory(column=DoneFactory(), hours=2)
    settings.TICKET_ARCHIVE_AFTER_HOURS = 1

    assert services.tickets_archive_due() == Outcome(1, 1, 0)


def test_higher_default_takes_effect_at_the_next_run(settings: Settings) -> None:
    ticket = TicketFactory(column=DoneFactory(), hours=25)
    settings.TICKET_ARCHIVE_AFTER_HOURS = 48

    assert services.tickets_archive_due() == Outcome(0, 0, 0)
    assert Ticket.objects.get().archive_at == ticket.entered_column_at + 2 * DAY


def test_default_does_not_touch_boards_with_their_own_threshold(settings: Settings) -> None:
    TicketFactory(column=DoneFactory(board=BoardFactory(archive_after_hours=24)), hours=2)
    settings.TICKET_ARCHIVE_AFTER_HOURS = 1

    assert services.tickets_archive_due() == Outcome(0, 0, 0)
