"""What the commands of a terminal share: find a schedule by its key, run it now and wait for what comes out."""

import json
import time
from collections.abc import Iterator

from django.core.management.base import CommandError
from django.db import close_old_connections
from django_celery_beat.models import PeriodicTask

from core.audit.services import Operator
from core.runs.enums import State
from core.runs.models import Run
from core.schedules.errors import ScheduleRefusedError
from core.schedules.services import schedule_run_now

POLL_SECONDS = 0.2


def task_by_key(key: str) -> PeriodicTask:
    """Return the schedule's periodic task, or say which keys there are."""
    task = PeriodicTask.objects.filter(name=key).first()
    if task is None:
        known = ", ".join(PeriodicTask.objects.order_by("name").values_list("name", flat=True))
        raise CommandError(f"There is no schedule {key!r}; known: {known or 'none; run sync_schedules'}.")
    return task


def run_now(key: str, *, operator: str, wait_seconds: float | None) -> Iterator[str]:
    """Yield the id of the run, and with a time to wait its result as JSON, when it has ended."""
    try:
        run = schedule_run_now(task=task_by_key(key), operator=Operator(name=operator))
    except ScheduleRefusedError as error:
        raise CommandError(str(error)) from None
    yield str(run.id)
    if wait_seconds is not None:
        yield run_result(run_ended(run, wait_seconds))


def run_ended(run: Run, wait_seconds: float) -> Run:
    """Wait until it has ended, or is held, and return it as it is then."""
    deadline = time.monotonic() + wait_seconds
    while run.is_open and run.state != State.HELD:
        if time.monotonic() > deadline:
            raise CommandError(f"No result after {wait_seconds:g} s: does a worker run? The task stays {run.state}.")
        time.sleep(POLL_SECONDS)
        close_old_connections()
        run.refresh_from_db()
    return run


def run_result(run: Run) -> str:
    """Return what came out of it, or fail with why nothing did."""
    if run.state in (State.SUCCEEDED, State.PARTIAL):
        return json.dumps(run.result)
    raise CommandError(f"The run ended {run.state}: {run.error or run.note or 'see the log of the worker'}")
