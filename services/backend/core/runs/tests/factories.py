"""Runs as the kernel would have left them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from celery import shared_task

from core.clock import database_now
from core.runs.enums import State, Trigger
from core.runs.models import Run
from core.runs.running import worker_name


@shared_task(name="tests.nothing")
def nothing(*_: Any, **__: Any) -> None:
    """Do nothing: what the runs below ask for unless another task is named."""


def run_make(state: State = State.QUEUED, **fields: Any) -> Run:
    """Make a run in the state, with the fields that follow from it."""
    now = database_now()
    values: dict[str, Any] = {
        "id": uuid4(),
        "name": "tests.nothing",
        "queue": "default",
        "trigger": Trigger.CODE,
        "policy": "net",
        "max_attempts": 6,
        "published_at": now,
        "queued_at": now,
    }
    if state == State.RUNNING:
        values |= {"started_at": now, "heartbeat_at": now, "attempt": 1, "worker": worker_name()}
        values["deadline_at"] = now + timedelta(hours=1)
    elif state not in (State.QUEUED, State.RETRYING, State.HELD):
        values["finished_at"] = now
    return Run.objects.create(state=state, **(values | fields))
