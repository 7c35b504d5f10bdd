"""What is said before the run is what the run does."""

from dataclasses import astuple
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from apps.tickets import services
from apps.tickets.foresight import next_action
from apps.tickets.models import Board, Column, Ticket
from apps.tickets.selectors import archive_candidate_count, archive_candidate_list, ticket_get
from apps.tickets.tests.factories import BoardFactory, ColumnFactory, DoneFactory, TicketFactory
from core.clock import database_now
from core.schedules.foresight import NextAction
from core.schedules.slots import Slots, crontab_slots

pytestmark = pytest.mark.django_db

HOURLY = crontab_slots("0 * * * *", "UTC")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def foretold(ticket: Ticket, *, now: datetime = NOON, slots: Slots | None = HOURLY) -> NextAction:
    read = ticket_get(organisation=ticket.organisation, ticket_id=ticket.pk)
    assert read is not None
    return next_action(ticket=read, slots=slots, now=now)


@pytest.mark.parametrize(
    ("entered", "at"),
    [
        (NOON - 24 * HOUR, NOON + HOUR),
        (NOON - 24 * HOUR - timedelta(seconds=1), NOON + HOUR),
        (NOON - 23 * HOUR - timedelta(seconds=1), NOON + HOUR),
        (NOON - 23 * HOUR, NOON + HOUR),
        (NOON - 23 * HOUR + timedelta(microseconds=1), NOON + 2 * HOUR),
        (NOON - 300 * HOUR, NOON + HOUR),
    ],
)
def test_ticket_leaves_at_the_first_full_hour_after_it_is_due(entered: datetime, at: datetime) -> None:
    assert foretold(TicketFactory(column=DoneFactory(), entered_column_at=entered)).at == at


@pytest.mark.parametrize(("hours", "source"), [(None, "the default"), (24, "set for the board Desk")])
def test_reason_names_column_time_threshold_and_its_source(hours: int | None, source: str) -> None:
    column = DoneFactory(board=BoardFactory(name="Desk", archive_after_hours=hours))

    action = foretold(TicketFactory(column=column, entered_column_at=NOON - 2 * HOUR))

    why = f"In Done since 2026-03-02 10:00 UTC, and tickets leave after more than 24 h ({source})."
    assert action == NextAction("archive", NOON + 22 * HOUR, why, "archive-old-done-tickets")


def test_reason_says_why_nothing_will_happen() -> None:
    done, todo = DoneFactory(), ColumnFactory(name="To do")
    tickets = [
        TicketFactory(column=done, pinned=True),
        TicketFactory(column=todo),
        TicketFactory(column=done, archived_at=NOON),
    ]

    assert [astuple(foretold(ticket)) for ticket in tickets] == [
        ("none", None, "Pinned: it stays until somebody unpins it.", None),
        ("none", None, "To do is not a Done column.", None),
        ("none", None, "Archived on 2026-03-02 12:00 UTC.", None),
    ]


def test_schedule_that_is_switched_off_is_said() -> None:
    action = foretold(TicketFactory(column=DoneFactory()), slots=None)

    assert (action.what, action.at) == ("none", None)
    assert action.why.endswith("but the schedule archive-old-done-tickets is switched off.")


def test_ticket_that_failed_is_foretold_for_its_next_attempt() -> None:
    ticket = TicketFactory(column=DoneFactory(), entered_column_at=NOON - 30 * HOUR)
    Ticket.objects.update(archive_at=NOON + HOUR / 2)

    assert foretold(ticket).at == NOON + HOUR
    assert foretold(ticket, now=NOON + HOUR).at == NOON + 2 * HOUR


def test_new_setting_is_foretold_before_the_hints_follow() -> None:
    ticket = TicketFactory(column=DoneFactory(), entered_column_at=NOON - 5 * HOUR)
    Board.objects.update(archive_after_hours=2)

    assert foretold(ticket).at == NOON + HOUR


def test_candidates_are_exactly_what_the_run_takes() -> None:
    done = DoneFactory(board__name="Desk")
    due = [TicketFactory(column=done, hours=hours) for hours in (25, 400, 24.5)]
    for fields in ({"hours": 24}, {"hours": 90, "pinned": True}, {"hours": 90, "archived_at": NOON}):
        TicketFactory(column=done, **fields)
    TicketFactory(column=ColumnFactory(board=done.board), hours=90)
    now = database_now()

    listed = [candidate.id for candidate in archive_candidate_list(at=now)]
    assert services.tickets_archive_due(now=now).archived == 3

    assert listed == [due[1].pk, due[0].pk, due[2].pk]
    assert set(Ticket.objects.filter(archived_at=now).values_list("pk", flat=True)) == set(listed)


def test_candidates_follow_settings_whose_hints_are_still_stale(settings: Settings) -> None:
    own = TicketFactory(column=DoneFactory(board=BoardFactory(archive_after_hours=24)), hours=5)
    default = TicketFactory(column=DoneFactory(), hours=5)
    became_done = TicketFactory(column=ColumnFactory(), hours=30)
    Board.objects.filter(pk=own.board_id).update(archive_after_hours=4)
    Column.objects.filter(pk=became_done.column_id).update(is_done_column=True)
    settings.TICKET_ARCHIVE_AFTER_HOURS = 3
    now = database_now()

    listed = {candidate.id for candidate in archive_candidate_list(at=now)}

    assert listed == {own.pk, default.pk, became_done.pk}
    assert services.tickets_archive_due(now=now).archived == 3


def test_candidates_of_one_organisation_hide_the_others() -> None:
    mine, _ = (TicketFactory(column=DoneFactory(), hours=30) for _ in range(2))
    question = {"at": database_now(), "organisation": mine.organisation}

    assert [candidate.id for candidate in archive_candidate_list(**question)] == [mine.pk]
    assert archive_candidate_count(**question) == 1
