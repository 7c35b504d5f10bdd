"""Start a run: a compare-and-set on its row, so that a second copy of its message finds it taken."""

import os
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from core.runs.enums import WAITING, State, Trigger
from core.runs.models import Run
from core.runs.registry import Traits
from core.runs.running import Running, worker_name
from core.runs.services.record import NO_WAIT

SINGLETON_LOCK = 7_310_243
# A hard limit ends the task from outside; what is still silent so long after is not coming back.
GRACE_SECONDS = 60.0

# finished_at stays as it is (NULL) for a run that starts, so no index is touched. Taken back by a crash, it waits.
START = f"""
    UPDATE runs_run SET
        state = CASE WHEN cancel_requested_at IS NOT NULL THEN 'CANCELLED' WHEN expires_at < now() THEN 'EXPIRED'
                     WHEN %(skip)s THEN 'SKIPPED' ELSE 'RUNNING' END,
        finished_at = CASE WHEN cancel_requested_at IS NOT NULL OR expires_at < now() OR %(skip)s THEN now() END,
        attempt = attempt + 1, worker = %(worker)s, started_at = coalesce(started_at, now()), heartbeat_at = now(),
        deadline_at = now() + %(limit)s * interval '1 second', not_before = NULL,
        note = CASE WHEN %(skip)s THEN 'Another run of this task was at work.' ELSE '' END
    WHERE id = %(id)s AND finished_at IS NULL AND state = ANY(%(from)s)
    RETURNING state, attempt, max_attempts, organisation_id, approved_by <> '', retry_of_id, {NO_WAIT}
"""  # noqa: S608  # a constant
AT_WORK = (
    "SELECT EXISTS (SELECT FROM runs_run WHERE name = %s AND state = 'RUNNING' AND finished_at IS NULL AND id <> %s)"
)
TAKE_OVER = """
    UPDATE runs_run SET state = 'QUEUED'
    WHERE id = %s AND state = 'RUNNING' AND finished_at IS NULL AND worker = %s
"""


def run_start(*, id: UUID, name: str, task: Traits) -> Running | None:  # the row's own name
    """Begin an attempt, or return None: the run is at work elsewhere, has ended, was cancelled or came too late."""
    if task.singleton:
        with transaction.atomic():
            return _start(id, name, task, skip=_is_another_at_work(id, name))
    return _start(id, name, task, skip=False)


def _start(run_id: UUID, name: str, task: Traits, *, skip: bool) -> Running | None:
    values = {
        "id": run_id,
        "skip": skip,
        "worker": worker_name(),
        "limit": task.limit_seconds + GRACE_SECONDS,
        "from": list(WAITING),
    }
    row = _update(values)
    if row is None and _free(run_id):
        row = _update(values)
    if row is None or row[0] != State.RUNNING:
        return None
    _, attempt, max_attempts, organisation_id, approved, retry_of_id, _ = row
    return Running(run_id, name, attempt, max_attempts, organisation_id, approved, retry_of_id)


def _update(values: dict[str, Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(START, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def _is_another_at_work(run_id: UUID, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [SINGLETON_LOCK, name])
        cursor.execute(AT_WORK, [name, run_id])
        return bool(cursor.fetchone()[0])


def _free(run_id: UUID) -> bool:
    """Take the run from a process of this node that is gone: its message comes back at once, its heartbeat is fresh."""
    worker = Run.objects.filter(id=run_id, state=State.RUNNING).values_list("worker", flat=True).first()
    if worker is None or _lives(worker):
        return False
    with connection.cursor() as cursor:
        cursor.execute(TAKE_OVER, [run_id, worker])
        return bool(cursor.rowcount == 1)


def _lives(worker: str) -> bool:
    """Tell whether the worker process may still be at the run: one of another node may."""
    node, _, pid = worker.rpartition("/")
    if node != settings.NODE_NAME:
        return True
    with suppress(ProcessLookupError):
        os.kill(int(pid), 0)
        return True
    return False


def run_adopt(*, id: UUID, name: str, queue: str, args: Any, kwargs: Any, task: Traits) -> bool:
    """Put a message on record that came without a row (sent by other code than ours), and tell whether it had none."""
    values = {
        "name": name,
        "queue": queue,
        "trigger": Trigger.CODE,
        "state": State.QUEUED,
        "args": list(args),
        "kwargs": dict(kwargs),
        "policy": task.policy,
        "max_attempts": task.max_attempts,
        "singleton": task.singleton,
    }
    return Run.objects.get_or_create(id=id, defaults=values)[1]
