"""When a crontab is due in a zone whose clocks change: as Debian's cron has it."""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import product
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from celery.schedules import ParseException, crontab_parser

DAY = timedelta(days=1)
# 29 February of a certain weekday returns after 28 years, or after 40 when a century without one lies between.
FURTHEST_DAYS = 41 * 366
LEAP_YEAR = 2028


@dataclass(frozen=True)
class Crontab:
    """Five fields (minute, hour, day of month, month, day of week) as Celery reads them: every field must fit.

    When the clocks change, a crontab whose minute or hour field starts with `*` follows real time: an hour that comes
    twice counts twice, a skipped one not at all. A fixed local time fires once: at the first of two, and where it is
    skipped, at the instant at which the gap ends. No instant is a slot twice.
    """

    fields: str
    zone: str

    def __post_init__(self) -> None:
        """Refuse what Celery could not read, here where it is written."""
        _ = self.tzinfo, self.times, self.days, self.months, self.weekdays

    def __str__(self) -> str:
        return f"{self.fields} {self.zone}"

    def backwards(self, moment: datetime) -> Iterator[datetime]:
        """Yield the slots until (and at) the moment, newest first."""
        # A day later than the moment's: a time that is skipped there belongs to the day before its instant.
        day, newer = moment.astimezone(self.tzinfo).date() + DAY, None
        for step in range(self.reach):
            slots = self._on(day - step * DAY)
            for slot in reversed(slots[: bisect_right(slots, moment)]):
                if slot != newer:
                    yield slot
                newer = slot

    def forwards(self, moment: datetime) -> Iterator[datetime]:
        """Yield the slots after the moment, oldest first."""
        day, older = moment.astimezone(self.tzinfo).date() - DAY, moment
        for step in range(self.reach):
            slots = self._on(day + step * DAY)
            for slot in slots[bisect_right(slots, older) :]:
                yield slot
                older = slot

    def _on(self, day: date) -> tuple[datetime, ...]:
        if day.month not in self.months or day.day not in self.days:
            return ()
        return instants(self, day) if day.isoweekday() % 7 in self.weekdays else ()

    @cached_property
    def tzinfo(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{self.zone!r} is no zone: write one such as Europe/London or UTC.") from error

    @cached_property
    def _words(self) -> list[str]:
        words = self.fields.split()
        if len(words) != 5:
            raise ValueError(f"A crontab has five fields, and {self.fields!r} has {len(words)}.")
        return words

    def _parsed(self, place: int, most: int, least: int = 0) -> frozenset[int]:
        try:
            return frozenset(crontab_parser(most, least).parse(self._words[place]))
        except (ParseException, ValueError) as error:
            wrong = f"{self._words[place]!r} in the crontab {self.fields!r}"
            raise ValueError(f"{wrong}: {str(error).rstrip('.')}.") from error

    @cached_property
    def days(self) -> frozenset[int]:
        return self._parsed(2, 31, 1)

    @cached_property
    def months(self) -> frozenset[int]:
        return self._parsed(3, 12, 1)

    @cached_property
    def weekdays(self) -> frozenset[int]:
        return self._parsed(4, 7)

    @cached_property
    def times(self) -> list[time]:
        """Return its times of the day, in order."""
        return [time(*pair) for pair in product(sorted(self._parsed(1, 24)), sorted(self._parsed(0, 60)))]

    @cached_property
    def reach(self) -> int:
        """Return how many days to look at for the next slot: none when there is no such day, as 30 February."""
        possible = any(day <= monthrange(LEAP_YEAR, month)[1] for month in self.months for day in self.days)
        return FURTHEST_DAYS if possible else 0

    @cached_property
    def follows_real_time(self) -> bool:
        return any(word.startswith("*") for word in self._words[:2])


# A day of a crontab that fires each minute holds 1,440 instants, about 100 kB.
@lru_cache(maxsize=32)
def instants(crontab: Crontab, day: date) -> tuple[datetime, ...]:
    """Return the crontab's slots of a local day, in order."""
    start, end = (datetime.combine(when, time.min, crontab.tzinfo) for when in (day, day + DAY))
    walls = [datetime.combine(day, at) for at in crontab.times]
    before = start.utcoffset()
    if before is not None and before == end.utcoffset():
        return tuple((wall - before).replace(tzinfo=UTC) for wall in walls)
    found = {instant for wall in walls for instant in _resolved(crontab, wall)}
    return tuple(sorted(found))


def _resolved(crontab: Crontab, wall: datetime) -> list[datetime]:
    """Return the instants of a local time on a day on which the clocks change: none, one or two."""
    first, second = (wall.replace(tzinfo=crontab.tzinfo, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first > second:  # Skipped: read with the offset of before, it comes too late, and with that of after too early.
        return [] if crontab.follows_real_time else [_gap_end(crontab.tzinfo, second, first)]
    return [first, second] if crontab.follows_real_time else [first]


def _gap_end(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the second at which the clocks change, which lies after the one instant and not after the other."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=1) // 2)
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == old else (before, middle)
    return after
