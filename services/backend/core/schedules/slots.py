"""When a schedule is due: its slots, determined by the schedule alone, never by who looks or when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from typing import Protocol

from django_celery_beat.models import CrontabSchedule, PeriodicTask

from core.schedules.crontabs import Crontab

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
MOST = 1000


class Rule(Protocol):
    """Slots without bounds: those until (and at) a moment, newest first; and those after it, oldest first."""

    def backwards(self, moment: datetime) -> Iterator[datetime]: ...

    def forwards(self, moment: datetime) -> Iterator[datetime]: ...


@dataclass(frozen=True)
class Interval:
    """Every multiple of the period since the epoch: a day's interval is due at midnight UTC, whoever started when."""

    period: timedelta

    def __str__(self) -> str:
        return f"every {self.period}"

    def backwards(self, moment: datetime) -> Iterator[datetime]:
        slot = EPOCH + (moment - EPOCH) // self.period * self.period
        while slot > EPOCH:
            yield slot
            slot -= self.period

    def forwards(self, moment: datetime) -> Iterator[datetime]:
        slot = EPOCH + (moment - EPOCH) // self.period * self.period
        while True:
            slot += self.period
            yield slot


@dataclass(frozen=True)
class Clocked:
    """Once."""

    at: datetime

    def __str__(self) -> str:
        return f"at {self.at.astimezone(UTC).isoformat()}"

    def backwards(self, moment: datetime) -> Iterator[datetime]:
        return iter([self.at] if self.at <= moment else [])

    def forwards(self, moment: datetime) -> Iterator[datetime]:
        return iter([self.at] if self.at > moment else [])


@dataclass(frozen=True)
class Slots:
    """A rule's slots from `start` (included) to `end` (left out). Moments are aware, slots are in UTC."""

    rule: Rule
    start: datetime | None = None
    end: datetime | None = None

    def __str__(self) -> str:
        return str(self.rule)

    def latest(self, moment: datetime) -> datetime | None:
        """Return the newest slot that is not after the moment."""
        return next(self._backwards(moment), None)

    def next(self, moment: datetime) -> datetime | None:
        """Return the first slot after the moment."""
        if self.start is not None:
            moment = max(moment, self.start - INSTANT)
        slot = next(self.rule.forwards(moment), None)
        return slot if slot is not None and (self.end is None or slot < self.end) else None

    def between(self, after: datetime, until: datetime, most: int = MOST) -> list[datetime]:
        """Return the slots after the one moment and not after the other, oldest first: the newest so many of them."""
        newest = list(islice(self._since(after, until), most))
        return newest[::-1]

    def count(self, after: datetime, until: datetime, most: int) -> int:
        """Return how many slots there are between the moments; counting ends at so many."""
        return sum(1 for _ in islice(self._since(after, until), most))

    def _since(self, after: datetime, until: datetime) -> Iterator[datetime]:
        return takewhile(lambda slot: slot > after, self._backwards(until))

    def _backwards(self, moment: datetime) -> Iterator[datetime]:
        if self.end is not None:
            moment = min(moment, self.end - INSTANT)
        return takewhile(lambda slot: self.start is None or slot >= self.start, self.rule.backwards(moment))


def slots_of(task: PeriodicTask) -> Slots:
    """Return the task's slots. Raise ValueError when nobody can tell them, with what to do about it."""
    return Slots(_rule(task), task.start_time, task.expires)


def _rule(task: PeriodicTask) -> Rule:
    if task.crontab is not None:
        return Crontab(crontab_fields(task.crontab), str(task.crontab.timezone))
    if task.interval is not None:
        return Interval(timedelta(**{task.interval.period: task.interval.every}))
    if task.clocked is not None:
        return Clocked(task.clocked.clocked_time.astimezone(UTC))
    raise ValueError(f"{task.name}: sunrise and sunset need a library that is not installed; give it a crontab.")


def crontab_fields(row: CrontabSchedule) -> str:
    """Return the row's five fields in the order of a crontab line."""
    return f"{row.minute} {row.hour} {row.day_of_month} {row.month_of_year} {row.day_of_week}"


def crontab_slots(fields: str, zone: str) -> Slots:
    """Return the slots of a crontab line: minute, hour, day of month, month, day of week."""
    return Slots(Crontab(fields, zone))
