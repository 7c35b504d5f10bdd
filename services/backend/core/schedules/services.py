"""Writes: bring the declared jobs into the database without touching what an operator changed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from core.schedules.jobs import JobSpec
from core.schedules.models import Schedule

Values = dict[str, Any]


def schedules_sync(*, specs: Iterable[JobSpec], now: datetime) -> list[str]:
    """Write the specs, disable and mark orphans, and return one sentence per change (none when all was in sync)."""
    specs = list(specs)
    with transaction.atomic():
        changes = [change for spec in specs for change in _spec_sync(spec)]
        orphans = Schedule.objects.filter(orphaned_at__isnull=True).exclude(key__in=[spec.key for spec in specs])
        return changes + [_orphan_disable(orphan, now) for orphan in orphans.select_related("periodic_task__crontab")]


def _spec_sync(spec: JobSpec) -> list[str]:
    declared = _declared(spec)
    schedule = Schedule.objects.select_related("periodic_task__crontab").filter(key=spec.key).first()
    if schedule is None:
        return [_schedule_add(spec, declared)]
    current = _current(schedule.periodic_task)
    edited = [name for name in declared if current[name] != schedule.synced.get(name, current[name])]
    stale = [name for name in declared if name not in edited and current[name] != declared[name]]
    if not stale and edited == schedule.edited and schedule.orphaned_at is None:
        return []
    _write(schedule.periodic_task, {name: declared[name] for name in stale})
    # An edited field keeps the value it was edited from: that is how the next deploy knows it is an edit.
    schedule.synced |= {name: declared[name] for name in declared if name not in edited}
    schedule.edited, schedule.orphaned_at = edited, None
    schedule.save()
    return [f"{spec.key}: {_summary(stale, edited)}"]


def _summary(stale: list[str], edited: list[str]) -> str:
    parts = [f"updated {', '.join(stale)}"] if stale else []
    return "; ".join(parts + ([f"kept the operator's {', '.join(edited)}"] if edited else [])) or "declared again"


def _schedule_add(spec: JobSpec, declared: Values) -> str:
    """Adopt a periodic task of the same name as it is (its differences count as edits), else make one."""
    existing = PeriodicTask.objects.select_related("crontab").filter(name=spec.key).first()
    if existing is None:
        existing = PeriodicTask(name=spec.key, description=spec.description)
        _write(existing, declared)
    current = _current(existing)
    edited = [name for name in declared if current[name] != declared[name]]
    Schedule.objects.create(periodic_task=existing, key=spec.key, synced=declared, edited=edited)
    return f"{spec.key}: added" if not edited else f"{spec.key}: adopted; {_summary([], edited)}"


def _orphan_disable(schedule: Schedule, now: datetime) -> str:
    if schedule.periodic_task.enabled:
        _write(schedule.periodic_task, {"enabled": False})
        schedule.synced["enabled"] = False
    schedule.orphaned_at = now
    schedule.save()
    return f"{schedule.key}: disabled, the code declares it no more"


def _declared(spec: JobSpec) -> Values:
    return {
        "task": spec.task,
        "crontab": [spec.crontab, spec.zone],
        "queue": spec.queue,
        "expire_seconds": spec.expire_seconds,
        "kwargs": "{}",
        "enabled": True,
    }


def _current(task: PeriodicTask) -> Values:
    return {
        "task": task.task,
        "crontab": task.crontab and [crontab_fields(task.crontab), str(task.crontab.timezone)],
        "queue": task.queue,
        "expire_seconds": task.expire_seconds,
        "kwargs": task.kwargs,
        "enabled": task.enabled,
    }


def crontab_fields(row: CrontabSchedule) -> str:
    """Return the row's five fields in the order of a crontab line."""
    return f"{row.minute} {row.hour} {row.day_of_month} {row.month_of_year} {row.day_of_week}"


def _write(task: PeriodicTask, values: Values) -> None:
    for name, value in values.items():
        setattr(task, name, _crontab(*value) if name == "crontab" else value)
    if values:
        task.save()


def _crontab(fields: str, zone: str) -> CrontabSchedule:
    minute, hour, day_of_month, month_of_year, day_of_week = fields.split()
    row, _ = CrontabSchedule.objects.get_or_create(
        minute=minute,
        hour=hour,
        day_of_month=day_of_month,
        month_of_year=month_of_year,
        day_of_week=day_of_week,
        timezone=zone,
    )
    return row
