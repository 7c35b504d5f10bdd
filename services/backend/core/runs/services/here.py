"""Do a run's work in the process that asks, at once and on record, within a time that a caller waits."""

import time
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction

from core.runs.errors import RunCancelledError, RunHeldError, RunOutOfTimeError, RunSkippedError
from core.runs.models import Run
from core.runs.registry import traits
from core.runs.running import Running, current
from core.runs.services import finish
from core.runs.services.record import run_insert
from core.runs.services.request import Request, run_asked_with, run_row
from core.runs.services.start import run_start


def run_here(*, request: Request, work: Callable[[], Any], seconds: float) -> tuple[Run, bool]:
    """Return the run, ended as `work` ended: in no queue, tried once, CANCELLED at the safe point after so long.

    What it has committed until then stays. Where the idempotency key is taken nothing is done: return the run that
    took it, and False.
    """
    row, task = run_row(request), traits(request.name)
    try:
        with transaction.atomic():
            run_insert(row, sent=True)
    except IntegrityError:
        asked = run_asked_with(request.idempotency_key, request.organisation)
        if asked is None:
            raise
        return asked, False
    run = run_start(id=row.id, name=row.name, task=task)
    if run is not None:
        run.out_of_time_at = time.monotonic() + seconds
        _attempt(run, work)
    return Run.objects.get(id=row.id), True


def _attempt(run: Running, work: Callable[[], Any]) -> None:
    token = current.set(run)
    try:
        finish.run_succeed(run=run, result=work())
    except RunHeldError as held:
        finish.run_hold(run=run, why=str(held), preview=held.preview)
    except (RunCancelledError, RunSkippedError) as error:
        finish.run_stop(run=run, error=error)
        if isinstance(error, RunOutOfTimeError):
            Run.objects.filter(id=run.id).update(note=str(error))
    except Exception as error:
        finish.run_fail(run=run, error=error)
        raise
    finally:
        current.reset(token)
