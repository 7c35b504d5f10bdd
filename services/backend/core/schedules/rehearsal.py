"""A virtual clock over all schedules: what fires when, in local time and in UTC, and where the clocks change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import merge
from zoneinfo import ZoneInfo

from django_celery_beat.models import PeriodicTask

from core.schedules.slots import slots_of
from core.schedules.table import zone

STEP = timedelta(hours=1)
# Every minute of a month; what asks for more is a mistake, and would take minutes.
MOST = 50_000


@dataclass(frozen=True, order=True)
class Event:
    """A slot of a schedule, or (`key` empty) a change of a zone's clocks. The order is that of a terminal."""

    at: datetime
    key: str
    zone: str
    task: str = ""
    note: str = ""

    @property
    def local(self) -> datetime:
        return self.at.astimezone(ZoneInfo(self.zone))


def rehearse(*, start: datetime, end: datetime, in_zone: str | None = None) -> Iterator[Event]:
    """Yield what the enabled schedules do from `start` (included) to `end` (left out), in order.

    Local time is each schedule's own, or that of `in_zone`.
    """
    kinds = ("crontab", "interval", "clocked", "solar")
    tasks = list(PeriodicTask.objects.filter(enabled=True).select_related(*kinds).order_by("name"))
    zones = {in_zone} if in_zone else {zone(task) for task in tasks}
    changes = [clock_changes(name, start, end) for name in sorted(zones)]
    return merge(*changes, *(_slots(task, start, end, in_zone) for task in tasks))


def _slots(task: PeriodicTask, start: datetime, end: datetime, in_zone: str | None) -> Iterator[Event]:
    """Yield the task's slots; one that nobody can tell is left out, as beat leaves it out."""
    before = timedelta(microseconds=1)
    try:
        slots = slots_of(task).between(start - before, end - before, most=MOST)
    except ValueError:
        return
    for slot in slots:
        yield Event(slot, task.name, in_zone or zone(task), task.task)


def clock_changes(name: str, start: datetime, end: datetime) -> Iterator[Event]:
    """Yield the instants at which the zone's UTC offset changes."""
    tz, earlier = ZoneInfo(name), start
    while earlier < end:
        later = min(earlier + STEP, end)
        if _offset(tz, earlier) != _offset(tz, later):
            at = _change(tz, earlier, later)
            if at < end:
                yield Event(at, "", name, note=_said(tz, at))
        earlier = later


def _offset(tz: ZoneInfo, moment: datetime) -> timedelta | None:
    return moment.astimezone(tz).utcoffset()


def _change(tz: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the first second of the new offset, by halving."""
    old = _offset(tz, before)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        before, after = (middle, after) if _offset(tz, middle) == old else (before, middle)
    return after.astimezone(UTC).replace(microsecond=0)


def _said(tz: ZoneInfo, at: datetime) -> str:
    """Say what a clock on the wall does."""
    old, new = (at - timedelta(seconds=1)).astimezone(tz), at.astimezone(tz)
    offset_before, offset_after = old.utcoffset() or timedelta(), new.utcoffset() or timedelta()
    would_show = at.astimezone(UTC) + offset_before
    way = "forward" if offset_after > offset_before else "back"
    return f"the clocks of {tz.key} go {way} from {would_show:%H:%M} to {new:%H:%M} (UTC{offset(new)})"


def offset(moment: datetime) -> str:
    """Return the moment's distance from UTC as people write it: +01:00."""
    return moment.isoformat(timespec="seconds")[-6:]
