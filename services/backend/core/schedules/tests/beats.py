"""A beat without its loop, and a schedule whose slots have just come."""

from datetime import timedelta

from celery import current_app

from core.clock import database_now
from core.runs.tests.factories import nothing
from core.schedules.jobs import JobSpec
from core.schedules.models import Schedule
from core.schedules.scheduler import SlotScheduler
from core.schedules.services import schedules_sync

MINUTE = timedelta(minutes=1)


def declare(minutes: int) -> JobSpec:
    """Declare a schedule of so many slots, the newest in this minute; beat last looked before the first.

    However slow this machine is, the next one comes in an hour only.
    """
    this_minute = database_now().replace(second=0, microsecond=0)
    fields = ",".join(str((this_minute - back * MINUTE).minute) for back in range(minutes))
    spec = JobSpec(key="chore", task=nothing.name, crontab=f"{fields} * * * *", expire_seconds=50, queue="tests")
    schedules_sync(specs=[spec], now=this_minute)
    Schedule.objects.update(handled_until=this_minute - minutes * MINUTE, times=f"{spec.crontab} UTC")
    return spec


def scheduler() -> SlotScheduler:
    return SlotScheduler(app=current_app._get_current_object())


def tick_all(beat: SlotScheduler) -> float:
    """Tick until nothing more is due, as beat's loop does."""
    while (seconds := beat.tick()) == 0:
        pass
    return seconds
