"""Bring the declared jobs into the database without touching what an operator changed."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from core.audit.services import Operator, audit_write
from core.schedules.jobs import JobSpec
from core.schedules.models import Schedule
from core.schedules.services.adopt import schedule_add, schedule_adopt
from core.schedules.services.aside import resumed, schedules_set_aside
from core.schedules.services.values import current, declared, last_written, summary, write


def schedules_sync(*, specs: Iterable[JobSpec], off: Iterable[JobSpec] = (), now: datetime) -> list[str]:
    """Write the specs, set aside what they leave out, and return one sentence per change (none when all was in sync).

    `off`: what apps declare that MODULES leaves out. It waits for them, and is no orphan.
    """
    specs, off = list(specs), list(off)
    with transaction.atomic():
        return schedules_write(specs=specs) + schedules_set_aside(specs=specs, off=off, now=now)


@transaction.atomic
def schedules_write(*, specs: Iterable[JobSpec]) -> list[str]:
    """Write these specs, one app's for instance, and leave every other schedule alone."""
    return [change for spec in specs for change in _spec_sync(spec)]


@transaction.atomic
def schedules_prune(*, operator: Operator) -> list[str]:
    """Delete what the code declares no more, and return a sentence for each. The runs stay on record."""
    return [_delete(orphan, operator) for orphan in Schedule.objects.filter(orphaned_at__isnull=False)]


def _delete(orphan: Schedule, operator: Operator) -> str:
    audit_write(operator=operator, verb="schedule.delete", subject=orphan, key=orphan.key)
    orphan.periodic_task.delete()
    return f"{orphan.key}: deleted, the code declares it no more"


def _spec_sync(spec: JobSpec) -> list[str]:
    schedule = Schedule.objects.select_related("periodic_task__crontab").filter(key=spec.key).first()
    if schedule is None:
        return [schedule_add(spec)]
    return _update(schedule, spec) if schedule.declared else [schedule_adopt(schedule, spec)]


def _update(schedule: Schedule, spec: JobSpec) -> list[str]:
    wanted, found, written = declared(spec), current(schedule), last_written(schedule)
    edited = [name for name in wanted if found[name] != written.get(name, found[name])]
    stale = [name for name in wanted if name not in edited and found[name] != wanted[name]]
    # An edited field keeps the value it was edited from: that is how the next deploy knows it is an edit.
    synced = {name: written[name] if name in edited else wanted[name] for name in wanted}
    was_aside = schedule.orphaned_at is not None or schedule.off_at is not None
    told = stale or edited != schedule.edited or was_aside
    if was_aside:
        resumed(schedule)
    if told or synced != schedule.synced:
        schedule.synced, schedule.edited, schedule.orphaned_at, schedule.off_at = synced, edited, None, None
        write(schedule, {name: wanted[name] for name in stale})
    return [f"{spec.key}: {summary(stale, edited)}"] if told else []
