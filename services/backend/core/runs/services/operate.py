"""What an operator may do to a run: cancel, terminate, retry, approve, reject. Each leaves a row in the audit."""

from celery import current_app
from django.db import transaction
from django.db.models.functions import Now

from core.audit.services import Operator, audit_write
from core.runs.enums import FINAL, RETRYABLE, State, Trigger
from core.runs.errors import RunRefusedError
from core.runs.models import Run
from core.runs.services.request import Request, run_publish, run_request_once


@transaction.atomic
def run_cancel(*, run: Run, operator: Operator) -> Run:
    """Cancel what waits, at once; ask what runs to stop at its next safe point. The wish outlives every restart."""
    run = _locked(run)
    if run.state in FINAL:
        raise RunRefusedError(f"This run has ended ({run.state}): there is nothing to cancel.")
    audit_write(operator=operator, verb="run.cancel", subject=run, state=run.state)
    now = Now()
    if run.state == State.RUNNING:
        Run.objects.filter(id=run.id, cancel_requested_at__isnull=True).update(cancel_requested_at=now)
    else:
        Run.objects.filter(id=run.id).update(state=State.CANCELLED, finished_at=now, cancel_requested_at=now)
    return Run.objects.get(id=run.id)


@transaction.atomic
def run_terminate(*, run: Run, operator: Operator) -> Run:
    """End a running task that was asked to stop and did not: its worker process is killed."""
    run = _locked(run)
    if run.state != State.RUNNING or run.cancel_requested_at is None:
        raise RunRefusedError("Only a run that is at work and was asked to cancel is terminated: cancel it first.")
    audit_write(operator=operator, verb="run.terminate", subject=run)
    # SIGTERM ends a worker's child at once, between two statements; what it had not committed is rolled back.
    transaction.on_commit(lambda: current_app.control.revoke(str(run.id), terminate=True), robust=True)
    return run


@transaction.atomic
def run_retry(
    *, run: Run, operator: Operator, trigger: Trigger = Trigger.RETRY, idempotency_key: str | None = None
) -> Run:
    """Ask for the same again: a new run with the same arguments, linked to this one.

    A key that was used before answers with the run that it asked for, whatever that is.
    """
    run = _locked(run)
    if run.state not in RETRYABLE:
        why = "it succeeded" if run.state == State.SUCCEEDED else "it has not ended"
        raise RunRefusedError(f"This run is not retried: {why} ({run.state}).")
    again, is_new = run_request_once(
        Request(
            name=run.name,
            args=run.args,
            kwargs=run.kwargs,
            queue=run.queue,
            organisation=run.organisation,
            trigger=trigger,
            requested_by=operator.name,
            retry_of=run,
            options=run.options,
            idempotency_key=idempotency_key,
        )
    )
    if is_new:
        audit_write(operator=operator, verb="run.retry", subject=run, retry=str(again.id))
    return again


@transaction.atomic
def run_approve(*, run: Run, operator: Operator) -> Run:
    """Let a held run do what it announced."""
    run = _held(run)
    audit_write(operator=operator, verb="run.approve", subject=run)
    run.state, run.approved_by, run.note = State.QUEUED, operator.name, ""
    run.expires_at, run.published_at = None, run.queued_at
    run.save(update_fields=["state", "approved_by", "note", "expires_at", "published_at"])
    transaction.on_commit(lambda: run_publish(run), robust=True)
    return run


@transaction.atomic
def run_reject(*, run: Run, operator: Operator) -> Run:
    """End a held run without a change."""
    run = _held(run)
    audit_write(operator=operator, verb="run.reject", subject=run)
    Run.objects.filter(id=run.id).update(state=State.CANCELLED, finished_at=Now())
    return Run.objects.get(id=run.id)


def _held(run: Run) -> Run:
    run = _locked(run)
    if run.state != State.HELD:
        raise RunRefusedError(f"This run is not held ({run.state}): there is nothing to decide.")
    return run


def _locked(run: Run) -> Run:
    return Run.objects.select_for_update(of=("self",)).select_related("organisation").get(id=run.id)
