"""Ask for a run: its row first, in the caller's transaction; its message after the commit."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from celery import current_app
from django.db import IntegrityError, transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from core import request_id
from core.clock import database_now
from core.organisations.models import Organisation
from core.runs.enums import State, Trigger
from core.runs.models import Run
from core.runs.registry import own_name, queue_for, traits
from core.runs.running import running
from core.runs.services.record import run_insert
from core.runs.services.turns import has_turn, next_waiting
from core.schedules.models import Schedule

logger = logging.getLogger("deskbeat.runs")

# What is due later than this waits in its row, not in the queue: a message that waits in Redis for longer than the
# visibility timeout is delivered twice, and one that waits in a worker takes the place of one that could run.
SEND_AHEAD = timedelta(seconds=30)
# A task that opted out of the ledger has a row all the same when a person asked for it: its message says so.
ON_RECORD = "on_record"


@dataclass(frozen=True)
class Request:
    """What is asked for, of whom, and when: at once, unless `not_before` says later."""

    name: str
    args: Sequence[Any] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    queue: str | None = None
    organisation: Organisation | None = None
    trigger: Trigger = Trigger.CODE
    requested_by: str = ""
    schedule: Schedule | None = None
    slot: datetime | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None
    idempotency_key: str | None = None
    retry_of: Run | None = None
    id: UUID = field(default_factory=uuid4)
    # What else the message carries, as `send_task` calls it: a chain's next tasks, callbacks, headers.
    options: dict[str, Any] = field(default_factory=dict)


def run_request(request: Request) -> Run:
    """Put the run on record, and send its message after the commit (at once outside a transaction).

    A broker that is away fails nothing: the row is there, and beat sends what was not sent.
    """
    run, task = run_row(request), traits(request.name)
    run_insert(run, sent=_is_soon(run) and has_turn(run, task.per_organisation))
    if run.published_at is not None:
        transaction.on_commit(partial(run_publish, run), robust=True)
    return run


def run_request_once(request: Request) -> tuple[Run, bool]:
    """As `run_request`, unless the slot or the idempotency key is taken: return the run there is, and if it is new."""
    try:
        with transaction.atomic():
            return run_request(request), True
    except IntegrityError:
        taken = Run.objects.filter(schedule=request.schedule, slot=request.slot)
        if request.idempotency_key:
            taken = Run.objects.filter(idempotency_key=request.idempotency_key, organisation=request.organisation)
        return taken.get(), False


def run_asked_with(idempotency_key: str | None, organisation: Organisation | None) -> Run | None:
    """Return the run that this key of the organisation's asked for before, or None."""
    if idempotency_key is None:
        return None
    return Run.objects.filter(idempotency_key=idempotency_key, organisation=organisation).first()


def run_row(request: Request) -> Run:
    """Return the run's row, not written yet."""
    asking, name, task = running(), own_name(request.name), traits(request.name)
    return Run(
        id=request.id,
        name=name,
        queue=queue_for(name, request.queue),
        organisation=request.organisation,
        trigger=Trigger.CHAIN if asking and request.trigger == Trigger.CODE else request.trigger,
        requested_by=request.requested_by,
        schedule=request.schedule,
        slot=request.slot,
        state=State.QUEUED,
        args=list(request.args),
        kwargs=request.kwargs,
        options=request.options,
        policy=task.policy,
        max_attempts=task.max_attempts,
        singleton=task.singleton,
        not_before=request.not_before,
        expires_at=request.expires_at,
        request_id=request_id.current.get(),
        idempotency_key=request.idempotency_key,
        retry_of=request.retry_of,
        parent_id=asking.id if asking else None,
    )


def _is_soon(run: Run) -> bool:
    return run.not_before is None or run.not_before < database_now() + SEND_AHEAD


def run_publish(run: Run) -> bool:
    """Send the run's message, and tell whether the broker took it."""
    return runs_publish([run]) == 1


def runs_publish(runs: Sequence[Run]) -> int:
    """Send the messages until the broker refuses one, and return how many it took.

    The others are not sent (each try would wait for the broker again) and count as never sent: any beat sends them
    as soon as the broker is back, whatever their queue holds by then.
    """
    for taken, run in enumerate(runs):
        if not _send(run, on_record=True):
            left = [run.id for run in runs[taken:]]
            Run.objects.filter(id__in=left, finished_at__isnull=True).update(published_at=None)
            return taken
    return len(runs)


def unrecorded_publish(run: Run) -> bool:
    """Send the message of a run that has no row and gets none: its task opted out of the ledger."""
    return _send(run, on_record=False)


def _send(run: Run, *, on_record: bool) -> bool:
    headers = run.options.get("headers", {}) | {ON_RECORD: on_record}
    try:
        current_app.send_task(
            run.name,
            args=run.args,
            kwargs=run.kwargs,
            task_id=str(run.id),
            queue=run.queue,
            retries=run.attempt,
            eta=run.not_before,
            **run.options | {"headers": headers},
        )
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("Run %s of %s waits for the broker: %s", run.id, run.name, error)
        return False
    return True


def run_next_turn(*, name: str, organisation_id: int) -> None:
    """Send the run of the organisation that has waited longest, now that one of its task has ended."""
    with transaction.atomic():
        run = next_waiting(name, organisation_id)
        if run is not None:
            run.published_at = database_now()
            run.save(update_fields=["published_at"])
            transaction.on_commit(partial(run_publish, run))
