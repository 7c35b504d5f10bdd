"""What is said before the run is what the run does."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.events.enums import ARCHIVE_SCHEDULE, END_SCHEDULE, Status
from apps.events.foresight import next_action
from apps.events.models import Event
from apps.events.tests.factories import EventFactory
from core.schedules.foresight import NextAction
from core.schedules.slots import Slots, crontab_slots

pytestmark = pytest.mark.django_db

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SLOTS = {END_SCHEDULE: crontab_slots("*/5 * * * *", "UTC"), ARCHIVE_SCHEDULE: crontab_slots("23 3 * * *", "UTC")}


def foretold(event: Event, *, slots: dict[str, Slots | None] = SLOTS, now: datetime = NOON) -> NextAction:
    read = Event.objects.with_effective_status(now).get(pk=event.pk)
    return next_action(event=read, slots=slots, now=now)


@pytest.mark.parametrize(
    ("starts", "lasts", "what", "at"),
    [
        # The run of a slot takes what is due at it.
        (60, 60, "start", 60),
        (61, 60, "start", 65),
        # Over before the next slot: straight to completed.
        (61, 2, "complete", 65),
        (61, 4, "complete", 65),
        # Begun and not yet written down.
        (-3, 60, "start", 5),
        (-30, 10, "complete", 5),
    ],
)
def test_event_moves_on_at_the_slot_of_its_time(starts: int, lasts: int, what: str, at: int) -> None:
    begins = NOON + starts * MINUTE
    event = EventFactory(starts_at=begins, end_date=begins + lasts * MINUTE)

    action = foretold(event)

    assert (action.what, action.at, action.by_schedule) == (what, NOON + at * MINUTE, END_SCHEDULE)


def test_ongoing_event_is_completed_at_its_end() -> None:
    event = EventFactory(status=Status.ONGOING, starts_at=NOON - 9 * MINUTE, end_date=NOON + 9 * MINUTE)

    assert foretold(event) == NextAction("complete", NOON + 10 * MINUTE, "Ends on 2027-03-01 12:09 UTC.", END_SCHEDULE)


def test_completed_event_is_archived_by_the_daily_run() -> None:
    event = EventFactory(starts_in=-5, status=Status.COMPLETED, completed_at=NOON)

    action = foretold(event)

    assert (action.what, action.at) == ("archive", datetime(2027, 5, 31, 3, 23, tzinfo=UTC))
    assert action.why == "Completed on 2027-03-01 12:00 UTC; events are archived after 90 days."


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"status": Status.DRAFT}, "A draft: nothing happens to it until it is published."),
        ({"status": Status.CANCELLED}, "Cancelled: nothing happens to it any more."),
        (
            {"status": Status.ONGOING, "lasts": None},
            "Ongoing, and without an end: it is completed once it has one.",
        ),
        ({"status": Status.COMPLETED, "archived_at": NOON}, "Archived on 2027-03-01 12:00 UTC."),
    ],
)
def test_reason_says_why_nothing_will_happen(fields: dict[str, object], why: str) -> None:
    assert foretold(EventFactory(**fields)) == NextAction("none", None, why, None)


def test_schedule_that_is_switched_off_is_said() -> None:
    action = foretold(EventFactory(), slots=dict.fromkeys(SLOTS))

    assert (action.what, action.at) == ("none", None)
    assert action.why.endswith("but the schedule Mark Ended Events as Completed is switched off.")
