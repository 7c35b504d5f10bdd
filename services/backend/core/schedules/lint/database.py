"""What stands in the database, where operators edit it, held against the same rules."""

from collections.abc import Iterator

from django.core.checks import CheckMessage, Info
from django_celery_beat.models import PeriodicTask

from core.schedules.lint.facts import Entry
from core.schedules.models import Schedule
from core.schedules.services.values import TIMING, current


def database_entries() -> list[Entry]:
    """Return the schedules that are switched on."""
    rows = PeriodicTask.objects.filter(enabled=True).select_related("crontab", "interval", "declared").order_by("name")
    return [_entry(getattr(task, "declared", None) or Schedule(periodic_task=task, key=task.name)) for task in rows]


def _entry(schedule: Schedule) -> Entry:
    found = current(schedule)
    crontab, zone, every = "", "UTC", 0
    match found[TIMING]:
        case [int(every)]:
            pass
        case [crontab, zone]:
            pass
    return Entry(
        key=schedule.periodic_task.name,
        task=found["task"],
        crontab=crontab,
        zone=zone,
        every_seconds=every,
        queue=found["queue"],
        expire_seconds=found["expire_seconds"],
        run_limit_seconds=found["run_limit_seconds"],
    )


def operators_edits() -> Iterator[CheckMessage]:
    for schedule in Schedule.objects.filter(declared=True, orphaned_at=None, off_at=None).exclude(edited=[]):
        yield Info(
            f"An operator changed {', '.join(schedule.edited)} of {schedule.key!r}: deploys keep that, whatever the"
            " code says.",
            hint="Set it back in the admin to follow the code again, or declare it so in the app's jobs.py.",
            id="schedules.I010",
        )
