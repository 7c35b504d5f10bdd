"""Schedules that no installed app declares: disabled, marked, and kept as they were."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from core.schedules.jobs import JobSpec
from core.schedules.models import Schedule
from core.schedules.services.values import write

# What is said of such a schedule, by the field that says since when.
WHY = {"orphaned_at": "the code declares it no more", "off_at": "its app is not in MODULES"}


def schedules_set_aside(*, specs: Iterable[JobSpec], off: Iterable[JobSpec], now: datetime) -> list[str]:
    """Disable what the specs left out: orphans, and what belongs to an app that is off, made by hand or not."""
    keys_off, tasks_off = {spec.key for spec in off}, {spec.task for spec in off}
    ours = Q(declared=True) | Q(periodic_task__task__in=tasks_off)
    left = Schedule.objects.filter(ours).exclude(key__in=[spec.key for spec in specs])
    changes = []
    for schedule in left.select_related("periodic_task__crontab"):
        is_off = schedule.key in keys_off or not schedule.declared
        changes += _set_aside(schedule, "off_at" if is_off else "orphaned_at", now)
    return changes + _put_back(tasks_off)


def _set_aside(schedule: Schedule, mark: str, now: datetime) -> list[str]:
    """Note whether it was enabled as what a deploy wrote: then the next deploy that declares it enables it again."""
    was_enabled = schedule.periodic_task.enabled
    if getattr(schedule, mark) and not was_enabled:
        return []
    if was_enabled:
        schedule.synced |= {"enabled": False}
    schedule.orphaned_at = schedule.off_at = None
    setattr(schedule, mark, now)
    write(schedule, {"enabled": False} if was_enabled else {})
    return [f"{schedule.key}: disabled, {WHY[mark]}"]


def _put_back(tasks_off: Iterable[str]) -> list[str]:
    """Enable what was made by hand of an app that is on again; of what the code declares, the sync takes care."""
    back = Schedule.objects.filter(declared=False, off_at__isnull=False).exclude(periodic_task__task__in=tasks_off)
    changes = []
    for schedule in back.select_related("periodic_task__crontab"):
        schedule.off_at, was_enabled = None, schedule.synced.pop("enabled", None) is False
        resumed(schedule)
        write(schedule, {"enabled": True} if was_enabled else {})
        changes.append(f"{schedule.key}: {'enabled' if was_enabled else 'there'} again, with its app")
    return changes


def resumed(schedule: Schedule) -> None:
    """Owe nothing for the time it was set aside, also when no beat ran meanwhile to see it."""
    Schedule.objects.filter(pk=schedule.pk).update(times="")
