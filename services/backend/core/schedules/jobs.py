"""When: what an app declares in its `jobs.py`, and when such a job runs next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from zoneinfo import ZoneInfo

from celery.schedules import crontab
from django.apps import apps


@dataclass(frozen=True)
class JobSpec:
    """One scheduled task. `crontab` has the five usual fields, read in `zone`."""

    key: str
    task: str
    crontab: str
    expire_seconds: int
    description: str
    queue: str = "default"
    zone: str = "UTC"


def declared_jobs() -> Iterator[JobSpec]:
    """Yield the JOBS of each installed app's `jobs` module."""
    for config in apps.get_app_configs():
        name = f"{config.name}.jobs"
        if config.name.startswith(("apps.", "core.")) and find_spec(name):
            yield from import_module(name).JOBS


def next_run_after(spec: JobSpec, moment: datetime) -> datetime:
    """Return the first due time strictly after the moment, in UTC."""
    return next_crontab_run(spec.crontab, spec.zone, moment)


def next_crontab_run(fields: str, zone: str, moment: datetime) -> datetime:
    """Return the first time after the (aware) moment at which the five-field crontab is due in its zone, in UTC.

    Celery reckons in wall-clock time, as a naive clock would; its own estimate across a change of the clocks is an
    hour off in one direction or the other (5.7), so the zone is left out of its sum and put back on the result.
    """
    wall = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)
    minute, hour, day_of_month, month_of_year, day_of_week = fields.split()
    schedule = crontab(minute, hour, day_of_week, day_of_month, month_of_year, nowfun=lambda: wall)
    due = wall + schedule.remaining_estimate(wall)
    return due.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


JOBS = [
    JobSpec(
        key="clean-up-task-results",
        task="celery.backend_cleanup",
        crontab="0 4 * * *",
        expire_seconds=12 * 3600,
        description="Deletes the results of tasks that are older than a day.",
    )
]
