"""What will happen next to an object, when, and why: said from its rule and the schedule, before it happens."""

from dataclasses import dataclass
from datetime import datetime

from django_celery_beat.models import PeriodicTask

from core.schedules.slots import Slots, slots_of


@dataclass(frozen=True)
class NextAction:
    """`what` is what the app calls it, or "none"; `why` says it in a sentence, also why nothing will happen."""

    what: str
    at: datetime | None
    why: str
    by_schedule: str | None


def schedule_slots(key: str) -> Slots | None:
    """Return the schedule as it stands in the database, an operator's edits included; None: off, or never synced."""
    tasks = PeriodicTask.objects.filter(name=key, enabled=True, solar__isnull=True)
    task = tasks.select_related("crontab", "interval", "clocked").first()
    return task and slots_of(task)
