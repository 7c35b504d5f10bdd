"""A slot is determined by the schedule alone: whoever asks, and whenever, names the same one."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from hypothesis import given
from hypothesis import strategies as st

from core.schedules.slots import Clocked, Interval, Slots, crontab_slots, slots_of

ZONES = ["UTC", "Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana"]
FIELDS = [
    "* * * * *",
    "*/15 * * * *",
    "0 * * * *",
    "0,30 1-2 * * *",
    "30 1 * * *",
    "15 2 * * sun",
    "0 */6 * * *",
    "0 0 31 * *",
    "59 23 28-31 2,3 *",
]
# Hypothesis puts the zone on.
FIRST, LAST = datetime(2024, 1, 1), datetime(2028, 1, 1)  # noqa: DTZ001
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
CRONTABS = st.builds(crontab_slots, st.sampled_from(FIELDS), st.sampled_from(ZONES))
INTERVALS = (
    st.builds(timedelta, seconds=st.sampled_from([0.25, 1, 7, 60, 3600, 86400, 604800])).map(Interval).map(Slots)
)
BOUNDED = st.builds(Slots, CRONTABS.map(lambda slots: slots.rule), MOMENTS, MOMENTS)
SLOTS = st.one_of(CRONTABS, INTERVALS, BOUNDED, MOMENTS.map(Clocked).map(Slots))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(fields: str, zone: str, day: str, hours: int = 24) -> list[str]:
    """Return the slots (UTC) of so many hours from a midnight UTC on, as times."""
    start = at(day)
    slots = crontab_slots(fields, zone).between(start - timedelta(microseconds=1), start + timedelta(hours=hours))
    return [f"{slot:%H:%M}" for slot in slots]


@given(SLOTS, MOMENTS)
def test_nothing_lies_between_the_latest_slot_and_the_next(slots: Slots, moment: datetime):
    latest, following = slots.latest(moment), slots.next(moment)

    assert latest is None or latest <= moment
    assert following is None or following > moment
    if latest is not None and following is not None:
        assert slots.next(latest) == following
        assert slots.latest(following) == following
        assert slots.latest(following - timedelta(microseconds=1)) == latest


@given(SLOTS, MOMENTS, st.integers(0, 60))
def test_between_is_what_one_meets_going_forwards(slots: Slots, moment: datetime, steps: int):
    met, slot = [], slots.next(moment)
    while slot is not None and len(met) < steps:
        met.append(slot)
        slot = slots.next(slot)

    assert slots.between(moment, met[-1] if met else moment) == met
    assert slots.between(moment, met[-1] if met else moment, most=2) == met[-2:]


@pytest.mark.parametrize(
    ("fields", "zone", "moment", "expected"),
    [
        ("0 * * * *", "UTC", "2026-11-21 12:30", "2026-11-21 13:00"),
        ("0 * * * *", "UTC", "2026-11-21 12:00", "2026-11-21 13:00"),
        ("0 2 * * *", "UTC", "2026-11-21 12:00", "2026-11-22 02:00"),
        ("0 0 * * 1", "UTC", "2026-11-21 12:00", "2026-11-23 00:00"),
        # Celery's "and": only a 13th that is a Friday.
        ("0 0 13 * fri", "UTC", "2026-03-14 00:00", "2026-11-13 00:00"),
        ("0 0 31 * *", "UTC", "2026-08-31 00:00", "2026-10-31 00:00"),
        ("0 0 29 2 *", "UTC", "2026-01-01 00:00", "2028-02-29 00:00"),
        ("0 0 29 2 *", "UTC", "2096-03-01 00:00", "2104-02-29 00:00"),
        ("0 0 29 2 mon", "UTC", "2072-03-01 00:00", "2112-02-29 00:00"),
        ("0 9 * * *", "Europe/London", "2026-03-28 12:00", "2026-03-29 08:00"),
        ("0 9 * * *", "Europe/London", "2026-10-24 12:00", "2026-10-25 09:00"),
        ("0 9 * * *", "Asia/Kathmandu", "2026-11-21 12:00", "2026-11-22 03:15"),
    ],
)
def test_the_next_slot_is_the_first_due_time_after_the_moment(fields, zone, moment, expected):
    slots = crontab_slots(fields, zone)

    assert slots.next(at(moment)) == at(expected)
    assert slots.latest(at(expected)) == at(expected)


# London: 01:00 GMT becomes 02:00 BST on 29 March, 02:00 BST becomes 01:00 GMT on 25 October (both at 01:00 UTC).
# New York: 02:00 EST becomes 03:00 EDT on 8 March (07:00 UTC), 02:00 EDT becomes 01:00 EST on 1 November (06:00 UTC).
# Lord Howe: 02:00 becomes 02:30 on 4 October (15:30 UTC before), 02:00 becomes 01:30 on 5 April (15:00 UTC before).
@pytest.mark.parametrize(
    ("fields", "zone", "day", "expected"),
    [
        ("30 1 * * *", "Europe/London", "2026-03-29", ["01:00"]),
        ("0,30 1 * * *", "Europe/London", "2026-03-29", ["01:00"]),
        ("30 1,2 * * *", "Europe/London", "2026-03-29", ["01:00", "01:30"]),
        ("0 1-2 * * *", "Europe/London", "2026-03-29", ["01:00"]),
        ("30 1 * * *", "Europe/London", "2026-10-25", ["00:30"]),
        ("30 1,2 * * *", "Europe/London", "2026-10-25", ["00:30", "02:30"]),
        ("*/30 1 * * *", "Europe/London", "2026-03-29", []),
        ("*/30 1 * * *", "Europe/London", "2026-10-25", ["00:00", "00:30", "01:00", "01:30"]),
        ("30 2 * * *", "America/New_York", "2026-03-08", ["07:00"]),
        ("30 */3 * * *", "America/New_York", "2026-03-08", ["02:30", "05:30", "07:30", "10:30", "13:30", "16:30"]),
        ("30 1 * * *", "America/New_York", "2026-11-01", ["05:30"]),
        ("*/20 1 * * *", "America/New_York", "2026-11-01", ["05:00", "05:20", "05:40", "06:00", "06:20", "06:40"]),
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03", ["15:30"]),
        ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04", ["14:45"]),
        ("*/15 1 * * *", "Australia/Lord_Howe", "2026-04-04", ["14:00", "14:15", "14:30", "14:45", "15:00", "15:15"]),
        ("0 */6 * * *", "Asia/Kathmandu", "2026-03-29", ["00:15", "06:15", "12:15"]),
        # Midnight itself is skipped (8 March) and doubled (1 November) in Havana.
        ("0 0 * * *", "America/Havana", "2026-03-08", ["05:00"]),
        ("30 0 * * *", "America/Havana", "2026-11-01", ["04:30"]),
    ],
)
def test_slots_of_the_days_on_which_the_clocks_change(fields, zone, day, expected):
    assert local(fields, zone, day, hours=18) == expected


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize(("day", "hours"), [("2026-03-07", 24 * 30), ("2026-10-03", 24 * 30)])
def test_an_hourly_schedule_fires_every_hour_over_both_changes(zone, day, hours):
    start = at(day)

    slots = crontab_slots("0 * * * *", zone).between(start, start + timedelta(hours=hours))

    gaps = {(newer - older).total_seconds() / 3600 for older, newer in pairwise(slots)}
    assert gaps == ({1.0, 1.5} if zone == "Australia/Lord_Howe" else {1.0})


def test_a_day_that_never_comes_has_no_slot():
    slots = crontab_slots("0 0 30 2 *", "UTC")

    assert (slots.next(at("2026-01-01")), slots.latest(at("2026-01-01"))) == (None, None)


def test_more_than_the_cap_is_counted_and_the_newest_are_returned():
    slots = Slots(Interval(timedelta(minutes=1)))
    start, end = at("2026-01-01"), at("2026-01-02")

    assert slots.between(start, end, most=3) == [end - timedelta(minutes=2), end - timedelta(minutes=1), end]
    assert (slots.count(start, end, most=5000), slots.count(start, end, most=100)) == (1440, 100)


def test_each_kind_of_schedule_has_its_slots():
    crontab = PeriodicTask(crontab=CrontabSchedule(minute="5", hour="*", timezone="UTC"))
    interval = PeriodicTask(interval=IntervalSchedule(every=2, period="hours"), start_time=at("2026-01-01 13:00"))
    clocked = PeriodicTask(clocked=ClockedSchedule(clocked_time=at("2026-01-01 12:34")))
    noon = at("2026-01-01 12:00")

    found = [slots_of(task).next(noon) for task in (crontab, interval, clocked)]

    assert found == [at("2026-01-01 12:05"), at("2026-01-01 14:00"), at("2026-01-01 12:34")]


def test_an_expired_schedule_has_no_more_slots():
    task = PeriodicTask(interval=IntervalSchedule(every=1, period="hours"), expires=at("2026-01-01 12:00"))

    assert slots_of(task).next(at("2026-01-01 11:00")) is None
    assert slots_of(task).latest(at("2026-01-02")) == at("2026-01-01 11:00")


@pytest.mark.parametrize(
    ("fields", "zone", "said"),
    [
        ("0 0 * *", "UTC", "A crontab has five fields, and '0 0 * *' has 4."),
        ("61 * * * *", "UTC", "'61' in the crontab '61 * * * *': Invalid end range: 61 > 59."),
        ("*/0 * * * *", "UTC", "'*/0' in the crontab '*/0 * * * *': slice step cannot be zero."),
        ("0 * * * *", "Mars/Base", "'Mars/Base' is no zone: write one such as Europe/London or UTC."),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(fields, zone, said):
    with pytest.raises(ValueError, match=r".") as refused:
        crontab_slots(fields, zone)

    assert str(refused.value) == said


def test_sunrise_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match="need a library that is not installed; give it a crontab"):
        slots_of(PeriodicTask(name="dawn", solar=SolarSchedule(event="sunrise", latitude=1, longitude=1)))
