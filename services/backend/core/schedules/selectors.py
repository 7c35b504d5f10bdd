"""Reads: what will run next, and which slot is on record."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery
from django_celery_beat.models import PeriodicTask

from core.runs.models import Run
from core.schedules.models import Schedule
from core.schedules.slots import slots_of


@dataclass(frozen=True)
class NextRun:
    key: str
    task: str
    at: datetime


def next_run_get(*, task: PeriodicTask, now: datetime) -> datetime | None:
    """Return the enabled task's next slot (UTC), or None: none will come, or nobody can tell when."""
    if not task.enabled:
        return None
    schedule = getattr(task, "declared", None)
    snoozed_until = schedule.snoozed_until if schedule else None
    try:
        return slots_of(task).next(max(now, snoozed_until or now))
    except ValueError:
        return None


def next_run_list(*, now: datetime) -> list[NextRun]:
    """Return the next run (UTC) of each enabled schedule that has one, soonest first."""
    kinds = ("crontab", "interval", "clocked", "declared")
    tasks = PeriodicTask.objects.filter(enabled=True).select_related(*kinds)
    runs = [NextRun(task.name, task.task, at) for task in tasks if (at := next_run_get(task=task, now=now))]
    return sorted(runs, key=lambda run: (run.at, run.key))


def schedule_list() -> QuerySet[PeriodicTask]:
    """Return every periodic task with its newest slot on record and what became of its run."""
    newest = Run.objects.filter(schedule__periodic_task=OuterRef("pk"), slot__isnull=False).order_by("-slot")
    tasks = PeriodicTask.objects.select_related("crontab", "interval", "clocked", "solar", "declared").order_by("name")
    rows: QuerySet[PeriodicTask] = tasks.annotate(
        last_slot=Subquery(newest.values("slot")[:1]), last_state=Subquery(newest.values("state")[:1])
    )
    return rows


def last_slot_get(*, schedule: Schedule) -> datetime | None:
    """Return the newest slot on record, run or missed: the end of the unique index of slots."""
    slots = Run.objects.filter(schedule=schedule, slot__isnull=False).order_by("-slot")
    return slots.values_list("slot", flat=True).first()
