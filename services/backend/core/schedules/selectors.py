"""Reads: what will run next."""

from dataclasses import dataclass
from datetime import datetime

from django_celery_beat.models import PeriodicTask

from core.schedules.jobs import next_crontab_run
from core.schedules.services import crontab_fields


@dataclass(frozen=True)
class NextRun:
    key: str
    task: str
    at: datetime


def next_run_list(*, now: datetime) -> list[NextRun]:
    """Return the next run (UTC) of each enabled crontab schedule, soonest first."""
    tasks = PeriodicTask.objects.filter(enabled=True, crontab__isnull=False).select_related("crontab")
    runs = [
        NextRun(task.name, task.task, next_crontab_run(crontab_fields(task.crontab), str(task.crontab.timezone), now))
        for task in tasks
    ]
    return sorted(runs, key=lambda run: (run.at, run.key))
