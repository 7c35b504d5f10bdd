"""Rules about when schedules fire, and how long what they start may take."""

from collections.abc import Iterator
from itertools import combinations

from django.core.checks import CheckMessage, Error, Warning

from core.schedules.intervals import irregular_steps
from core.schedules.lint.collisions import first_common_minute
from core.schedules.lint.facts import Entry, Facts

# Ten minutes of work: two such at once is what a small machine feels.
HEAVY_SECONDS = 600


def uneven_steps(facts: Facts) -> Iterator[CheckMessage]:
    for entry in facts.entries:
        for sentence in irregular_steps(entry.crontab) if entry.crontab else ():
            yield Warning(
                f"The schedule {entry.key!r} is uneven: {sentence}.",
                hint="Choose a step that divides the hour (or day), such as */30, or write the times down: 0,20,45.",
                id="schedules.W002",
            )


def messages_outlive_the_interval(facts: Facts) -> Iterator[CheckMessage]:
    for entry in facts.entries:
        if entry.interval_seconds and (entry.expire_seconds or entry.interval_seconds) >= entry.interval_seconds:
            until = f"expires after {entry.expire_seconds} s" if entry.expire_seconds else "never expires"
            yield Error(
                f"What {entry.key!r} asks for {until}, and it is due every {entry.interval_seconds} s: it can pile up.",
                hint=f"Set expire_seconds below {entry.interval_seconds}.",
                id="schedules.E004",
            )


def runs_overlap(facts: Facts) -> Iterator[CheckMessage]:
    for entry in facts.entries:
        task = facts.tasks.get(entry.task)
        if task is None or task.singleton or task.concurrent or not entry.interval_seconds:
            continue
        if task.limit_seconds >= entry.interval_seconds:
            yield Warning(
                f"A run of {entry.key!r} may take {task.limit_seconds:g} s and is due every {entry.interval_seconds} s:"
                " it can overlap itself.",
                hint=f"Give {entry.task} a time_limit below the interval, singleton=True, or, when it claims its rows,"
                " concurrent=True.",
                id="schedules.W005",
            )


def heavy_together(facts: Facts) -> Iterator[CheckMessage]:
    heavy = [entry for entry in facts.entries if is_heavy(facts, entry)]
    for one, other in combinations(heavy, 2):
        minute = first_common_minute(one, other)
        if minute is not None:
            yield Warning(
                f"{one.key!r} and {other.key!r} may each take {HEAVY_SECONDS // 60} minutes or more, and start in the"
                f" same minute, such as {minute:%A %d %B %H:%M} UTC.",
                hint="Move one of them by some minutes.",
                id="schedules.W011",
            )


def is_heavy(facts: Facts, entry: Entry) -> bool:
    """Tell whether a run is expected to be long: by its run limit, else by the limit that its task gave itself."""
    if entry.run_limit_seconds is not None:
        return entry.run_limit_seconds >= HEAVY_SECONDS
    task = facts.tasks.get(entry.task)
    return task is not None and task.has_own_limit and task.limit_seconds >= HEAVY_SECONDS
