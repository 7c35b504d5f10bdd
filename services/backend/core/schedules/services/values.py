"""The fields that a deploy and an operator share: what the code declares for each, and what the database holds."""

from typing import Any

from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from core.schedules.jobs import JobSpec
from core.schedules.models import Schedule
from core.schedules.slots import crontab_fields

Values = dict[str, Any]

OF_THE_TASK = ("task", "queue", "expire_seconds", "kwargs", "enabled")
OF_THE_SCHEDULE = ("catch_up", "start_grace_seconds", "run_limit_seconds", "min_seconds", "min_changed")
OF_A_DEPLOY = ("declared", "synced", "edited", "orphaned_at", "off_at")
# The crontab and its zone, or the interval: one value, as an operator who changes one kind to the other changes both.
TIMING = "timing"


def declared(spec: JobSpec) -> Values:
    timing = [spec.crontab, spec.zone] if spec.crontab else [spec.every_seconds]
    of_the_task = {"task": spec.task, TIMING: timing, "queue": spec.queue, "expire_seconds": spec.expire_seconds}
    limits = {name: getattr(spec, name) for name in OF_THE_SCHEDULE}
    return of_the_task | {"kwargs": "{}", "enabled": True} | limits | {"catch_up": str(spec.catch_up)}


def current(schedule: Schedule) -> Values:
    of_the_task = {name: getattr(schedule.periodic_task, name) for name in OF_THE_TASK}
    of_the_schedule = {name: getattr(schedule, name) for name in OF_THE_SCHEDULE}
    return of_the_task | {TIMING: _timing(schedule.periodic_task)} | of_the_schedule


def last_written(schedule: Schedule) -> Values:
    """Return what the last deploy wrote; the releases before this one called the timing `crontab`."""
    written = dict(schedule.synced)
    return {TIMING: written.pop("crontab")} | written if "crontab" in written else written


def write(schedule: Schedule, values: Values) -> None:
    """Set the values, and save both rows; what beat writes into the schedule meanwhile stays."""
    task = schedule.periodic_task
    for name, value in values.items():
        if name == TIMING:
            _set_timing(task, value)
        else:
            setattr(schedule if name in OF_THE_SCHEDULE else task, name, value)
    if values.keys() - set(OF_THE_SCHEDULE):
        task.save()
    schedule.periodic_task = task
    schedule.save(update_fields=None if schedule.pk is None else [*OF_A_DEPLOY, *OF_THE_SCHEDULE])


def summary(stale: list[str], edited: list[str]) -> str:
    parts = [f"updated {', '.join(stale)}"] if stale else []
    return "; ".join(parts + ([f"kept the operator's {', '.join(edited)}"] if edited else [])) or "declared again"


def _timing(task: PeriodicTask) -> list[str | int] | None:
    if task.crontab is not None:
        return [crontab_fields(task.crontab), str(task.crontab.timezone)]
    return [int(task.interval.schedule.run_every.total_seconds())] if task.interval is not None else None


def _set_timing(task: PeriodicTask, timing: list[Any]) -> None:
    task.crontab = task.interval = task.clocked = task.solar = None
    if len(timing) == 1:
        task.interval, _ = IntervalSchedule.objects.get_or_create(every=timing[0], period=IntervalSchedule.SECONDS)
        return
    fields, zone = timing
    minute, hour, day_of_month, month_of_year, day_of_week = fields.split()
    task.crontab, _ = CrontabSchedule.objects.get_or_create(
        minute=minute,
        hour=hour,
        day_of_month=day_of_month,
        month_of_year=month_of_year,
        day_of_week=day_of_week,
        timezone=zone,
    )
