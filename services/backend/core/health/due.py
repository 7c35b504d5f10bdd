"""Reads: which schedules should have been sent, and were not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django_celery_beat.models import PeriodicTask

from core.schedules.slots import slots_of

# Beat looks every five seconds; a reload, or a server that is away for a moment, takes some more.
START_GRACE = timedelta(minutes=2)


@dataclass(frozen=True)
class LateSchedule:
    name: str
    task: str
    due_at: datetime


def late_schedules(now: datetime) -> list[LateSchedule]:
    """Return the enabled schedules with a slot that no beat has put on record within its grace."""
    tasks = PeriodicTask.objects.filter(enabled=True).select_related("crontab", "interval", "clocked", "declared")
    found = [(task, _owed(task), _grace(task)) for task in tasks]
    return [LateSchedule(task.name, task.task, slot) for task, slot, grace in found if slot and slot + grace < now]


def _owed(task: PeriodicTask) -> datetime | None:
    """Return the first slot after the last that beat has seen to, or after somebody last changed the schedule."""
    declared = getattr(task, "declared", None)
    handled = (declared.handled_until, declared.snoozed_until) if declared else ()
    since = max(moment for moment in (task.last_run_at, task.date_changed, *handled) if moment)
    if task.one_off and task.total_run_count:
        return None
    try:
        return slots_of(task).next(since)
    except ValueError:
        return None


def _grace(task: PeriodicTask) -> timedelta:
    declared = getattr(task, "declared", None)
    return timedelta(seconds=declared.start_grace_seconds) if declared else START_GRACE
