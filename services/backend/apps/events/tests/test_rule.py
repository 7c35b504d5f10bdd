"""When an event begins and ends: instants as instants, days as the days of the event's own zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apps.events.enums import Status
from apps.events.models import Event
from apps.events.tests.factories import EventFactory

pytestmark = pytest.mark.django_db

TICK = timedelta(microseconds=1)


def status_at(event: Event, moment: datetime) -> str:
    return Event.objects.with_effective_status(moment).values_list("effective_status", flat=True).get(pk=event.pk)


def noon(day: date, tz: str) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(tz))


def lasting(first: date, last: date, tz: str) -> Event:
    return EventFactory(all_day=True, tz=tz, starts_at=noon(first, tz), end_date=noon(last, tz))


def test_event_is_confirmed_then_ongoing_then_completed() -> None:
    event = EventFactory()

    assert status_at(event, event.starts_at) == Status.CONFIRMED
    assert status_at(event, event.starts_at + TICK) == Status.ONGOING
    assert status_at(event, event.end_date) == Status.ONGOING
    assert status_at(event, event.end_date + TICK) == Status.COMPLETED


def test_event_without_an_end_never_ends() -> None:
    event = EventFactory(lasts=None)

    assert status_at(event, event.starts_at + timedelta(days=36_500)) == Status.ONGOING


@pytest.mark.parametrize("status", [Status.DRAFT, Status.CANCELLED, Status.COMPLETED])
def test_time_leaves_every_other_status_alone(status: Status) -> None:
    event = EventFactory(status=status)

    for moment in (event.starts_at - TICK, event.starts_at + TICK, event.end_date + TICK):
        assert status_at(event, moment) == status


@pytest.mark.parametrize(
    ("tz", "first", "last", "begins", "ends"),
    [
        ("UTC", date(2027, 3, 1), date(2027, 3, 2), "2027-03-01T00:00Z", "2027-03-03T00:00Z"),
        # 14 hours ahead of UTC, 11 behind it.
        ("Pacific/Kiritimati", date(2027, 3, 1), date(2027, 3, 1), "2027-02-28T10:00Z", "2027-03-01T10:00Z"),
        ("Pacific/Pago_Pago", date(2027, 3, 1), date(2027, 3, 1), "2027-03-01T11:00Z", "2027-03-02T11:00Z"),
        # A day of 23 hours and one of 25.
        ("Europe/London", date(2027, 3, 28), date(2027, 3, 28), "2027-03-28T00:00Z", "2027-03-28T23:00Z"),
        ("Europe/London", date(2027, 10, 31), date(2027, 10, 31), "2027-10-30T23:00Z", "2027-11-01T00:00Z"),
        # Half an hour, in the southern half of the year.
        ("Australia/Lord_Howe", date(2027, 4, 4), date(2027, 4, 4), "2027-04-03T13:00Z", "2027-04-04T13:30Z"),
        # Midnight comes twice: the day before ends with the first. And midnight is left out.
        ("Atlantic/Azores", date(2027, 10, 30), date(2027, 10, 30), "2027-10-30T00:00Z", "2027-10-31T00:00Z"),
        ("Asia/Beirut", date(2027, 3, 27), date(2027, 3, 27), "2027-03-26T22:00Z", "2027-03-27T22:00Z"),
    ],
)
def test_all_day_event_lasts_as_long_as_its_local_days(
    tz: str, first: date, last: date, begins: str, ends: str
) -> None:
    event = lasting(first, last, tz)
    begin, end = datetime.fromisoformat(begins), datetime.fromisoformat(ends)

    assert status_at(event, begin) == Status.CONFIRMED
    assert status_at(event, begin + TICK) == Status.ONGOING
    assert status_at(event, end) == Status.ONGOING
    assert status_at(event, end + TICK) == Status.COMPLETED


@given(
    tz=st.sampled_from(
        ["Europe/London", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Atlantic/Azores"]
    ),
    day=st.dates(date(2000, 1, 1), date(2037, 12, 30)),
    hour=st.integers(0, 23),
)
@example(tz="Atlantic/Azores", day=date(2027, 3, 27), hour=12)
@example(tz="Atlantic/Azores", day=date(2027, 10, 30), hour=12)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_time_of_a_day_means_that_day(tz: str, day: date, hour: int) -> None:
    zone, following = ZoneInfo(tz), day + timedelta(days=1)
    given_at = datetime(day.year, day.month, day.day, hour, 30, tzinfo=zone).astimezone(UTC)

    with connection.cursor() as cursor:
        cursor.execute("SELECT events_begins(%s, %s, true), events_ends(%s, %s, true)", [given_at, tz, given_at, tz])
        lasted = cursor.fetchone()

    # Both in UTC: Python calls a midnight that is left out, or comes twice, unequal to whatever another zone says.
    midnights = (datetime(one.year, one.month, one.day, tzinfo=zone) for one in (day, following))
    assert lasted == tuple(midnight.astimezone(UTC) for midnight in midnights)
