"""Ask for a recompute: soon after a change, or because a person wants one."""

from datetime import timedelta
from functools import partial

from django.db import transaction

from apps.pricing.enums import RECOMPUTE_TASK
from apps.pricing.reprice_rule import within
from apps.pricing.services.recompute import batches_reprice
from core.audit.services import Operator, audit_write
from core.clock import database_now
from core.errors import RefusedError
from core.runs.enums import State, Trigger
from core.runs.models import Run
from core.runs.services.here import run_here
from core.runs.services.request import Request, run_asked_with, run_request_once
from core.sweep.preview import taken_count

# What somebody waits for in a request.
MOST_ROWS = 1000
MOST_SECONDS = 5.0
ASYNC = "Ask with async_task=true: a worker takes as many as there are."


def recompute_soon() -> None:
    """Have a run at the next full minute, one for all that changes until then. What is read waits for nothing."""
    transaction.on_commit(_ask, robust=True)


def _ask() -> None:
    minute = database_now().replace(second=0, microsecond=0) + timedelta(minutes=1)
    key = f"{RECOMPUTE_TASK} {minute:%Y-%m-%dT%H:%M}Z"
    run_request_once(Request(name=RECOMPUTE_TASK, requested_by="a change", not_before=minute, idempotency_key=key))


def recompute_here(*, operator: Operator, days_threshold: int, idempotency_key: str | None) -> Run:
    """Recompute in the caller's process, and return the run; RefusedError when that is too much for a request."""
    if asked := run_asked_with(idempotency_key, None):
        return asked
    if taken_count(due=within(days_threshold), now=database_now(), limit=MOST_ROWS + 1) > MOST_ROWS:
        raise RefusedError(f"More than {MOST_ROWS:,} batches are due, and none of them was touched. {ASYNC}")
    request = Request(
        name=RECOMPUTE_TASK,
        kwargs={"days_threshold": days_threshold},
        trigger=Trigger.API,
        requested_by=operator.name,
        idempotency_key=idempotency_key,
    )
    work = partial(batches_reprice, days_threshold=days_threshold)
    run, is_new = run_here(request=request, work=lambda: vars(work()), seconds=MOST_SECONDS)
    if not is_new:
        return run
    audit_write(operator=operator, verb="discounts.recompute", subject=run, state=run.state)
    if run.state not in (State.SUCCEEDED, State.PARTIAL):
        done = f"{run.changed:,} batches were repriced and stay so. {ASYNC}"
        raise RefusedError(f"Run {run.id} ended as {run.state}: {run.note or run.error} {done}")
    return run
