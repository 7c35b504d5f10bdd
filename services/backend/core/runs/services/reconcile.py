"""The row is the truth: send again what got lost, and give away what a silent worker holds. Any beat does it."""

import logging
from datetime import datetime, timedelta
from functools import partial

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from core.clock import database_now
from core.runs.enums import WAITING, State
from core.runs.models import Run
from core.runs.registry import task_names, traits
from core.runs.services.request import SEND_AHEAD, runs_publish
from core.runs.services.turns import has_turn

logger = logging.getLogger("deskbeat.runs")

BATCH = 200
# A message takes milliseconds; a worker that starts takes seconds.
LOST_AFTER = timedelta(seconds=10)
# Three pulses and some: a worker whose database was away for a moment is not silent.
SILENT_AFTER = timedelta(seconds=45)


def runs_reconcile() -> int:
    """Mend what outages left behind, and return how many runs that concerned."""
    now = database_now()
    return _expire(now) + _send_due(now) + _send_lost(now) + _give_away_silent(now) + _end_overdue(now)


def _waiting() -> QuerySet[Run]:
    return Run.objects.filter(finished_at__isnull=True, state__in=WAITING)


def _sendable() -> QuerySet[Run]:
    """Leave out what no app that is installed here would start: it waits for its app, or for a newer beat."""
    return _waiting().filter(name__in=task_names())


def _expire(now: datetime) -> int:
    return _waiting().filter(expires_at__lt=now).update(state=State.EXPIRED, finished_at=now)


@transaction.atomic
def _send_due(now: datetime) -> int:
    """Send what waited for its time, or for its organisation's turn."""
    due = Q(not_before__isnull=True) | Q(not_before__lt=now + SEND_AHEAD)
    rows = _locked(_sendable().filter(due, published_at__isnull=True))
    return _send([run for run in rows if has_turn(run, traits(run.name).per_organisation)], now)


@transaction.atomic
def _send_lost(now: datetime) -> int:
    """Send again what was sent and not started.

    From a queue that is empty it is gone, or a busy worker holds it: then a second copy does no harm, and another
    worker may take it. In a queue that is not empty it may still stand, until the visibility timeout has passed.
    """
    overdue = _sendable().annotate(due=Coalesce("not_before", "published_at"))
    rows = _locked(overdue.filter(due__lt=now - LOST_AFTER, published_at__lt=now - LOST_AFTER))
    visible = timedelta(seconds=settings.CELERY_VISIBILITY_SECONDS)
    lengths = _queue_lengths({run.queue for run in rows})
    lost = [run for run in rows if lengths.get(run.queue) == 0 or (run.published_at or now) < now - visible]
    return _send(lost, now)


@transaction.atomic
def _give_away_silent(now: datetime) -> int:
    at_work = Run.objects.filter(state=State.RUNNING, finished_at__isnull=True)
    # A row that never had a heartbeat is judged by its start.
    silent = at_work.annotate(alive=Coalesce("heartbeat_at", "started_at")).filter(alive__lt=now - SILENT_AFTER)
    rows = _locked(silent)
    again = [run for run in rows if run.attempt < run.max_attempts and run.cancel_requested_at is None]
    Run.objects.filter(id__in=[run.id for run in again]).update(state=State.QUEUED)
    for run in again:
        logger.warning("Run %s of %s: worker %s fell silent, given to another", run.id, run.name, run.worker)
    _lose([run for run in rows if run not in again], now, "fell silent")
    _send(again, now)
    return len(rows)


@transaction.atomic
def _end_overdue(now: datetime) -> int:
    """End what is alive and past its deadline: a task without a hard limit (another pool), or one that hangs."""
    rows = _locked(Run.objects.filter(state=State.RUNNING, finished_at__isnull=True, deadline_at__lt=now))
    _lose(rows, now, "was past its deadline")
    return len(rows)


def _lose(runs: list[Run], now: datetime, why: str) -> None:
    for run in runs:
        logger.error("Run %s of %s is lost: worker %s %s", run.id, run.name, run.worker, why)
        error = f"Worker {run.worker or 'unknown'} {why}."
        state = State.CANCELLED if run.cancel_requested_at else State.LOST
        Run.objects.filter(id=run.id).update(state=state, finished_at=now, error=error)


def _locked(rows: QuerySet[Run]) -> list[Run]:
    """Take the oldest of the rows that no other beat is mending."""
    return list(rows.select_for_update(skip_locked=True).order_by(F("queued_at"), "id")[:BATCH])


def _send(runs: list[Run], now: datetime) -> int:
    Run.objects.filter(id__in=[run.id for run in runs]).update(published_at=now)
    if runs:
        transaction.on_commit(partial(runs_publish, runs), robust=True)
    return len(runs)


def _queue_lengths(queues: set[str]) -> dict[str, int]:
    if not queues:
        return {}
    with current_app.connection_for_write() as broker:
        client = broker.default_channel.client  # type: ignore[attr-defined]  # not in the stubs
        return {queue: client.llen(queue) for queue in queues}
