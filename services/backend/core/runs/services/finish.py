"""End an attempt: what it did, and what comes next. Each write counts only while the attempt is still the run's."""

import logging
import time
import traceback as tracebacks
from datetime import timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django.db.models import F
from django.db.models.functions import Now

from core.runs.arguments import ArgumentEncoder, scrubbed
from core.runs.enums import WAITING, State, sources
from core.runs.errors import RunCancelledError, RunSkippedError
from core.runs.models import Run
from core.runs.policies import policy
from core.runs.running import Running, values
from core.runs.services.record import NO_WAIT

logger = logging.getLogger("deskbeat.runs")

TRACEBACK_CHARACTERS = 10_000
# What a task has done is committed; for its last word the database may be away as long as a restart takes.
LAST_WORD_TRIES = 10

# Taken back by a crash, the run looks silent and is given to another: a task that must not run again has the policy
# `none`, and is lost instead.
END = f"""
    UPDATE runs_run SET state = %(state)s, finished_at = now(), result = %(result)s::jsonb, examined = %(examined)s,
        changed = %(changed)s, failed = %(failed)s, progress_done = coalesce(%(done)s, progress_done),
        progress_total = coalesce(%(total)s, progress_total), note = %(note)s
    WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'RUNNING' AND finished_at IS NULL
    RETURNING {NO_WAIT}
"""  # noqa: S608  # a constant


def run_succeed(*, run: Running, result: Any) -> bool:
    """End well, or partly when items failed. False: the run was given to another meanwhile; this attempt is void."""
    state = State.PARTIAL if run.failed else State.SUCCEEDED
    encoded = None if result is None else _encoded(result)
    given = {"id": run.id, "attempt": run.attempt, "state": state.value, "result": encoded, **values(run)}
    for attempt in range(1, LAST_WORD_TRIES + 1):
        try:
            with connection.cursor() as cursor:
                cursor.execute(END, given)
                return bool(cursor.rowcount == 1)
        except (OperationalError, InterfaceError):
            if attempt == LAST_WORD_TRIES or connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(1)
    return False


def _encoded(result: Any) -> str:
    return ArgumentEncoder().encode(result)


def run_fail(*, run: Running, error: BaseException, state: State = State.FAILED) -> None:
    """End for good: FAILED, or CANCELLED when the error is that somebody cancelled."""
    told = {} if state == State.CANCELLED else _told(run, error)
    _attempt(run).update(state=state, finished_at=Now(), **_counts(run), **told)


def run_retry_later(*, run: Running, error: BaseException, seconds: float | None = None) -> float | None:
    """Wait for the next attempt, as the policy says unless told, and return the seconds; None: this was the last."""
    if run.attempt >= run.max_attempts:
        return None
    if seconds is None:
        seconds = policy(Run.objects.values_list("policy", flat=True).get(id=run.id)).seconds(run.attempt)
    due = Now() + timedelta(seconds=seconds)
    _attempt(run).update(state=State.RETRYING, not_before=due, published_at=None, **_counts(run), **_told(run, error))
    return seconds


def run_stop(*, run: Running, error: RunCancelledError | RunSkippedError) -> None:
    """End before more is changed: somebody cancelled, or the task found that it is to be left out."""
    if isinstance(error, RunCancelledError):
        run_fail(run=run, error=error, state=State.CANCELLED)
    else:
        _attempt(run).update(state=State.SKIPPED, finished_at=Now(), note=str(error)[:500], **_counts(run))


def run_hold(*, run: Running, why: str, preview: Any) -> None:
    """Stop before the first change, until somebody approves or rejects."""
    _attempt(run).update(
        state=State.HELD, note=why[:500], result=preview, attempt=F("attempt") - 1, published_at=None, **_counts(run)
    )


def run_close(*, id: Any, state: State, error_type: str = "", error: str = "", traceback: str = "") -> bool:
    """End a run from outside its task (killed, timed out, revoked), and tell whether it was still open."""
    rows = Run.objects.filter(id=id, finished_at__isnull=True, state__in=sources(state))
    told = {"error_type": error_type[:200], "error": error, "traceback": traceback[-TRACEBACK_CHARACTERS:]}
    return bool(rows.update(state=state, finished_at=Now(), **told))


def run_give_back(*, id: Any) -> bool:
    """Take back a message that reached a worker without the task, and tell whether a run waits to be sent again."""
    return bool(Run.objects.filter(id=id, finished_at__isnull=True, state__in=WAITING).update(published_at=None))


def _attempt(run: Running) -> Any:
    return Run.objects.filter(id=run.id, attempt=run.attempt, state=State.RUNNING, finished_at__isnull=True)


def _counts(run: Running) -> dict[str, Any]:
    return {"examined": run.examined, "changed": run.changed, "failed": run.failed}


def _told(run: Running, error: BaseException) -> dict[str, Any]:
    """Return the error for people: without the secrets among the arguments, and not longer than anybody reads."""
    arguments = Run.objects.values_list("args", "kwargs").get(id=run.id)
    trace = "".join(tracebacks.format_exception(error))
    return {
        "error_type": f"{type(error).__module__}.{type(error).__qualname__}"[:200],
        "error": scrubbed(str(error), list(arguments)),
        "traceback": scrubbed(trace, list(arguments))[-TRACEBACK_CHARACTERS:],
    }
