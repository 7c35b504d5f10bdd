"""Whether two schedules ever start in the same minute."""

from datetime import UTC, datetime, timedelta

from core.schedules.lint.facts import Entry
from core.schedules.slots import Interval, Slots, crontab_slots

# A fixed stretch, so that the answer does not depend on the day it is asked: all of a year, and both changes of clocks.
END = datetime(2029, 1, 1, tzinfo=UTC)
START = END - timedelta(days=3 * 366)
MOST = 400


def first_common_minute(one: Entry, other: Entry) -> datetime | None:
    """Return a minute in which both are due, or None. The one that is due less often is looked at slot by slot."""
    rare, often = sorted((one, other), key=lambda entry: -entry.interval_seconds)
    for slot in _slots(rare).between(START, END, most=MOST):
        minute = slot.replace(second=0, microsecond=0)
        latest = _slots(often).latest(minute + timedelta(seconds=59))
        if latest is not None and latest >= minute:
            return minute
    return None


def _slots(entry: Entry) -> Slots:
    if entry.every_seconds:
        return Slots(Interval(timedelta(seconds=entry.every_seconds)))
    return crontab_slots(entry.crontab, entry.zone)
