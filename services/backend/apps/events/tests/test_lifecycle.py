"""Events start and end by themselves: the right ones, at the right moment, with their history."""

from datetime import datetime, timedelta

import pytest

from apps.events import services
from apps.events.enums import OPEN, Kind, Status
from apps.events.models import Event, EventHistory
from apps.events.tasks import archive_old_completed_events
from apps.events.tests.factories import EventFactory, status
from core.clock import database_now

pytestmark = pytest.mark.django_db

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


def test_event_completes_strictly_after_its_end() -> None:
    event = EventFactory(starts_in=-5, lasts=1)

    assert services.events_move_on(now=event.end_date) == 0
    assert status(event) == Status.ONGOING
    assert services.events_move_on(now=event.end_date + TICK) == 1
    assert status(event) == Status.COMPLETED


def test_event_starts_when_it_has_begun_and_is_not_counted_as_completed() -> None:
    event = EventFactory()

    assert services.events_move_on(now=event.starts_at) == 0
    assert status(event) == Status.CONFIRMED
    assert services.events_move_on(now=event.starts_at + TICK) == 0
    assert status(event) == Status.ONGOING


def test_after_a_day_without_a_worker_one_run_puts_all_right() -> None:
    """What began and ended meanwhile goes straight to completed."""
    over, begun, to_come = EventFactory(starts_in=-20), EventFactory(starts_in=-1), EventFactory()
    ongoing = EventFactory(starts_in=-30, lasts=10, status=Status.ONGOING)

    assert services.events_move_on() == 2

    assert [status(event) for event in (over, ongoing, begun, to_come)] == [
        Status.COMPLETED,
        Status.COMPLETED,
        Status.ONGOING,
        Status.CONFIRMED,
    ]
    assert list(over.history.values_list("kind", "old", "new")) == [(Kind.COMPLETED, "CONFIRMED", "COMPLETED")]


@pytest.mark.parametrize(
    "fields",
    [
        {"status": Status.DRAFT},
        {"status": Status.CANCELLED},
        {"status": Status.COMPLETED},
        {"status": Status.ONGOING, "lasts": None},
    ],
)
def test_others_are_left_alone(fields: dict[str, object]) -> None:
    event = EventFactory(starts_in=-500, **fields)
    before = Event.objects.values().get(pk=event.pk)

    assert services.events_move_on() == 0

    assert Event.objects.values().get(pk=event.pk) == before
    assert EventHistory.objects.count() == 0


def test_confirmed_event_without_an_end_starts_and_stays() -> None:
    event = EventFactory(starts_in=-500, lasts=None)

    services.events_move_on()
    services.events_move_on()

    assert status(event) == Status.ONGOING


def test_all_day_event_completes_with_the_local_day_of_its_zone() -> None:
    """Noon of the last day, where it is already evening in Kiritimati and still morning in Pago Pago."""
    noon = datetime.fromisoformat("2027-03-01T12:00+00:00")
    east = EventFactory(all_day=True, tz="Pacific/Kiritimati", starts_at=noon - DAY, end_date=noon - DAY)
    west = EventFactory(all_day=True, tz="Pacific/Pago_Pago", starts_at=noon - DAY, end_date=noon - DAY)

    assert services.events_move_on(now=datetime.fromisoformat("2027-03-01T10:00:01+00:00")) == 1
    assert (status(east), status(west)) == (Status.COMPLETED, Status.ONGOING)
    assert services.events_move_on(now=datetime.fromisoformat("2027-03-01T11:00:01+00:00")) == 1
    assert status(west) == Status.COMPLETED


def test_completing_writes_time_hint_and_history_together() -> None:
    event = EventFactory(starts_in=-5)
    now = database_now()

    services.events_move_on(now=now)

    event.refresh_from_db()
    assert (event.completed_at, event.updated_at, event.transition_at) == (now, now, None)
    assert event.archive_at == now + 90 * DAY
    assert list(event.history.values_list("at", "kind", "actor_name", "automatic")) == [
        (now, Kind.COMPLETED, "Mark Ended Events as Completed", True)
    ]


def test_started_event_is_due_again_at_its_end() -> None:
    event = EventFactory(starts_in=-1, lasts=3)

    services.events_move_on()

    event.refresh_from_db()
    assert event.transition_at == event.end_date


def test_completed_event_is_archived_after_90_days() -> None:
    event = EventFactory(starts_in=-5)
    now = database_now()
    services.events_move_on(now=now)

    assert services.events_archive(now=now + 90 * DAY) == 0
    assert services.events_archive(now=now + 90 * DAY + TICK) == 1
    assert archive_old_completed_events() == 0

    event.refresh_from_db()
    assert (event.archived_at, event.archive_at) == (now + 90 * DAY + TICK, None)


@pytest.mark.parametrize("fields", [{"status": Status.DRAFT}, {"status": Status.CANCELLED}, {"lasts": None}])
def test_only_completed_events_are_archived(fields: dict[str, object]) -> None:
    EventFactory(starts_in=-5, **fields)

    assert services.events_archive(now=database_now() + 900 * DAY) == 0


def test_with_the_worker_down_for_a_day_no_ended_event_is_open() -> None:
    """The stored status lags; what everybody is shown does not."""
    EventFactory(starts_in=-20, is_public=True)
    shown = EventFactory(starts_in=-1, is_public=True)
    now = database_now()

    assert Event.objects.filter(status=Status.CONFIRMED).count() == 2
    assert list(Event.objects.discoverable(now)) == [shown]
    assert Event.objects.ended(now).count() == 1
    assert set(Event.objects.discoverable(now).values_list("effective_status", flat=True)) <= set(OPEN)
