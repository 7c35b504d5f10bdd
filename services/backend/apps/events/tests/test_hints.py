"""The database keeps the due hints, whoever writes."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.db.models import F

from apps.events.enums import Status
from apps.events.models import Event
from apps.events.tests.factories import EventFactory, RegistrationFactory, ReminderFactory
from core.clock import database_now

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def hints(event: Event) -> tuple[object, ...]:
    return Event.objects.values_list("transition_at", "archive_at").get(pk=event.pk)


def test_event_is_due_at_its_start_and_then_at_its_end() -> None:
    confirmed, ongoing = EventFactory(), EventFactory(status=Status.ONGOING)

    assert hints(confirmed) == (confirmed.starts_at, None)
    assert hints(ongoing) == (ongoing.end_date, None)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.CANCELLED])
def test_what_no_time_moves_on_has_no_hint(status: Status) -> None:
    assert hints(EventFactory(status=status)) == (None, None)


def test_hint_follows_a_move_a_cancel_and_a_publish_by_whoever_writes() -> None:
    event = EventFactory()

    Event.objects.filter(pk=event.pk).update(starts_at=F("starts_at") + HOUR, end_date=F("end_date") + HOUR)
    assert hints(event) == (event.starts_at + HOUR, None)
    Event.objects.filter(pk=event.pk).update(status=Status.CANCELLED)
    assert hints(event) == (None, None)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE events_event SET status = 'CONFIRMED'")
    assert hints(event) == (event.starts_at + HOUR, None)


def test_all_day_hints_are_the_days_of_the_zone() -> None:
    event = EventFactory()

    Event.objects.update(all_day=True, tz="Pacific/Kiritimati", starts_at="2027-03-01T12:00+00:00", end_date=None)
    assert hints(event)[0].isoformat() == "2027-03-01T10:00:00+00:00"
    Event.objects.update(tz="Pacific/Pago_Pago")
    assert hints(event)[0].isoformat() == "2027-03-01T11:00:00+00:00"


def test_completing_by_hand_stamps_it_and_sets_the_archive_hint() -> None:
    event = EventFactory()

    Event.objects.update(status=Status.COMPLETED)

    event.refresh_from_db()
    assert event.completed_at == database_now()
    assert hints(event) == (None, event.completed_at + timedelta(days=90))


def test_ended_event_that_is_moved_to_later_is_open_again() -> None:
    event = EventFactory(starts_in=-5, status=Status.COMPLETED)

    Event.objects.update(starts_at=F("starts_at") + 9 * HOUR, end_date=F("end_date") + 9 * HOUR)

    event.refresh_from_db()
    assert (event.status, event.completed_at, event.sequence) == (Status.CONFIRMED, None, 1)
    assert hints(event) == (event.starts_at, None)


def test_ended_event_that_still_has_ended_stays_completed() -> None:
    event = EventFactory(starts_in=-5, status=Status.COMPLETED)

    Event.objects.update(end_date=F("end_date") + HOUR)

    event.refresh_from_db()
    assert event.status == Status.COMPLETED


def test_save_never_writes_an_old_hint_back() -> None:
    event, stale = EventFactory(), Event.objects.latest("id")
    Event.objects.update(status=Status.CANCELLED)

    stale.title = "Renamed"
    stale.save()

    event.refresh_from_db()
    assert (event.title, event.status, event.transition_at) == ("Renamed", Status.CANCELLED, None)


def test_reminder_moves_with_its_event_as_often_as_it_moves() -> None:
    reminder = ReminderFactory(offset=3 * HOUR)
    event = reminder.event
    assert reminder.due_at == event.starts_at - 3 * HOUR

    for hours in (1, 2):
        Event.objects.update(starts_at=F("starts_at") + HOUR, end_date=F("end_date") + HOUR)
        reminder.refresh_from_db()
        assert reminder.due_at == event.starts_at + hours * HOUR - 3 * HOUR


@pytest.mark.parametrize("status", [Status.DRAFT, Status.CANCELLED, Status.COMPLETED])
def test_nobody_is_reminded_of_what_is_not_open(status: Status) -> None:
    reminder = ReminderFactory()
    Event.objects.update(status=status)

    reminder.refresh_from_db()
    assert reminder.due_at is None
    assert ReminderFactory(event=reminder.event, offset=2 * HOUR).due_at is None


def test_reminder_that_gets_another_offset_is_due_then() -> None:
    reminder = ReminderFactory()

    with connection.cursor() as cursor:
        cursor.execute("""UPDATE events_reminder SET "offset" = interval '5 hours'""")

    reminder.refresh_from_db()
    assert reminder.due_at == reminder.event.starts_at - 5 * HOUR


def test_one_registration_per_address_in_any_case_of_letters() -> None:
    one = RegistrationFactory(email="Ada@Example.org")

    with pytest.raises(IntegrityError, match="one_registration_per_address"):
        RegistrationFactory(event=one.event, email="ada@example.ORG")


@pytest.mark.parametrize("fields", [{"lasts": 0}, {"lasts": -1}, {"all_day": True, "lasts": -1}])
def test_event_that_ends_before_it_starts_is_refused_by_the_database(fields: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="event_ends_after_it_starts"):
        EventFactory(**fields)
