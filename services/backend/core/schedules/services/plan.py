"""What beat reads of the schedules: which there are, and when each is to be looked at."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django_celery_beat.models import PeriodicTask

from core.clock import database_now
from core.schedules.models import Schedule
from core.schedules.services.claim import KINDS
from core.schedules.slots import slots_of

logger = logging.getLogger("deskbeat.schedules")


@transaction.atomic
def slots_plan() -> dict[int, datetime]:
    """Return when to look at each enabled task, by its id; those of which no slot will come are left out."""
    now = database_now()
    _schedules_add()
    _note_switched_off(now)
    tasks = PeriodicTask.objects.filter(enabled=True).select_related("declared", *KINDS)
    looks = {task.pk: _look_at(task, now) for task in tasks}
    return {pk: at for pk, at in looks.items() if at is not None}


def _schedules_add() -> None:
    """Give what was made by hand a schedule of its own, to hang its slots on."""
    made = PeriodicTask.objects.filter(declared__isnull=True)
    taken = set(Schedule.objects.filter(key__in=made.values("name")).values_list("key", flat=True))
    rows = [Schedule(periodic_task=task, declared=False, key=_free_key(task, taken)) for task in made]
    Schedule.objects.bulk_create(rows, ignore_conflicts=True)


def _free_key(task: PeriodicTask, taken: set[str]) -> str:
    """Return the task's name, unless it is the key of a declared schedule whose task was renamed."""
    return f"{task.name[:180]} {task.pk}" if task.name in taken else task.name


def _note_switched_off(now: datetime) -> None:
    """Remember what is off: when it is switched on again, what came due meanwhile is not owed."""
    news = ~Q(times="") | Q(handled_until__isnull=True)
    Schedule.objects.filter(news, periodic_task__enabled=False).update(times="", handled_until=now)


def _look_at(task: PeriodicTask, now: datetime) -> datetime | None:
    try:
        slots = slots_of(task)
    except ValueError as error:
        logger.error("Schedule %s is never due: %s", task.name, error)
        return None
    handled = task.declared.handled_until
    if handled is None or task.declared.times != str(slots) or task.date_changed > handled:
        return now
    return slots.next(handled) or task.expires
