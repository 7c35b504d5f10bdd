"""How far apart a crontab's runs are, read from its five fields alone."""

import re
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

from celery.schedules import ParseException, crontab

DAY_SECONDS = 24 * 3600
# Five years from a leap year's first day: every rule of days comes round at least once, 29 February too.
FIRST_DAY = date(2024, 1, 1)
DAYS = 5 * 366
# Each field's name, first value, number of values.
FIELDS = (("minute", 0, 60), ("hour", 0, 24), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 7))
STEP = re.compile(r"(?:\*|(?P<first>\d+)-(?P<last>\d+))/(?P<step>\d+)")


def parsed(fields: str) -> Any:  # the stubs leave out what a crontab was parsed into
    """Return the crontab, or raise ValueError with a sentence that says what is wrong."""
    words = fields.split()
    if len(words) != len(FIELDS):
        raise ValueError(
            f"{fields!r} is no crontab: it has {len(words)} fields, not five (minute hour day month weekday)."
        )
    minute, hour, day_of_month, month_of_year, day_of_week = words
    try:
        return crontab(minute, hour, day_of_week, day_of_month, month_of_year)
    except (ValueError, ParseException) as error:
        raise ValueError(f"{fields!r} is no crontab: {error}") from None


@lru_cache(maxsize=256)
def shortest_interval_seconds(fields: str) -> int:
    """Return the smallest distance between two runs on the wall clock; 0 when there is no second run."""
    schedule = parsed(fields)
    times = sorted(hour * 3600 + minute * 60 for hour in schedule.hour for minute in schedule.minute)
    days = _days_apart(schedule)
    within = [later - earlier for earlier, later in pairwise(times)]
    between = [days * DAY_SECONDS - times[-1] + times[0]] if days else []
    return min(within + between, default=0)


def _days_apart(schedule: Any) -> int:
    """Return the smallest distance between two days on which it runs; 0 when there is no second day."""
    days = [number for number in range(DAYS) if _runs_on(schedule, FIRST_DAY + timedelta(number))]
    return min((later - earlier for earlier, later in pairwise(days)), default=0)


def _runs_on(schedule: Any, day: date) -> bool:
    return (
        day.isoweekday() % 7 in schedule.day_of_week
        and day.day in schedule.day_of_month
        and day.month in schedule.month_of_year
    )


def irregular_steps(fields: str) -> list[str]:
    """Return a sentence for each step that does not come round evenly: */27 of an hour is 27, 27 and 6 minutes."""
    found = [
        _unevenness(name, text, first, size)
        for (name, first, size), word in zip(FIELDS, fields.split(), strict=True)
        for text in word.split(",")
    ]
    return [sentence for sentence in found if sentence]


def _unevenness(name: str, text: str, first: int, size: int) -> str:
    match = STEP.fullmatch(text)
    if match is None:
        return ""
    start, end, step = int(match["first"] or first), int(match["last"] or first + size - 1), int(match["step"])
    values = range(start, end + 1, step)
    rest = size - (values[-1] - values[0])
    # A step within part of the range, such as 8-18/2 hours, pauses on purpose.
    if rest == step or end < first + size - 1:
        return ""
    return f"{text} of the {name} fires at {', '.join(map(str, values))}: {step} apart, but {rest} where it comes round"
