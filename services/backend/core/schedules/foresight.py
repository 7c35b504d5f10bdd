"""What will happen next to an object, when, and why: said from its rule and the schedule, before it happens."""

from dataclasses import dataclass
from datetime import datetime

from django_celery_beat.models import PeriodicTask

from core.schedules.slots import INSTANT, Slots, slots_of


@dataclass(frozen=True)
class NextAction:
    """`what` is what the app calls it, or "none"; `why` says it in a sentence, also why nothing will happen."""

    what: str
    at: datetime | None
    why: str
    by_schedule: str | None


def nothing(why: str) -> NextAction:
    return NextAction("none", None, why, None)


def planned(  # what is said, and what it is computed of
    what: str, due: datetime, why: str, schedule: str, slots: Slots | None, now: datetime
) -> NextAction:
    """Name the run that takes what is due then; `why` is a sentence without its full stop."""
    if slots is None:
        return nothing(f"{why}; but the schedule {schedule} is switched off.")
    # The run of a slot begins after it, and so takes what is due at the slot itself: most things are at a full hour.
    return NextAction(what, slots.next(max(due - INSTANT, now)), f"{why}.", schedule)


def said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def schedule_slots(key: str) -> Slots | None:
    """Return the schedule as it stands in the database, an operator's edits included; None: off, or never synced."""
    tasks = PeriodicTask.objects.filter(name=key, enabled=True, solar__isnull=True)
    task = tasks.select_related("crontab", "interval", "clocked").first()
    return task and slots_of(task)
