"""What an operator may do to the run of a sweep: undo it, or retry only what failed. Each leaves a row in the audit."""

from django.db import transaction

from core.audit.services import Operator, audit_write
from core.runs.enums import State, Trigger
from core.runs.errors import RunRefusedError
from core.runs.models import Run
from core.runs.registry import task_named
from core.runs.services.request import Request, run_asked_with, run_request_once
from core.sweep.declaration import Sweep
from core.sweep.enums import UNDO_TASK
from core.sweep.registry import sweep_for
from core.sweep.services.run import failed_items
from core.sweep.services.undo import has_changes

# An undo that ended otherwise may be asked for again: what it restored is not touched twice.
UNDONE = frozenset({State.SUCCEEDED, State.PARTIAL})


@transaction.atomic
def run_undo(*, run: Run, operator: Operator, idempotency_key: str | None = None) -> Run:
    """Ask for a run that restores what this one changed and nobody has touched since; return that run.

    A key that was used before answers with the run that it asked for, whatever that is.
    """
    run = _ended(run, "undone")
    if asked := run_asked_with(idempotency_key, run.organisation):
        return asked
    _undoable(run)
    undo, is_new = run_request_once(
        Request(
            name=UNDO_TASK,
            kwargs={"run": str(run.id)},
            organisation=run.organisation,
            trigger=Trigger.UNDO,
            requested_by=operator.name,
            idempotency_key=idempotency_key,
        )
    )
    if is_new:
        Run.objects.filter(id=run.id).update(undone_by=undo)
        audit_write(operator=operator, verb="run.undo", subject=run, undo=str(undo.id))
    return undo


def _undoable(run: Run) -> None:
    sweep = sweep_for(run.name)
    if task_named(run.name) is None:
        raise RunRefusedError(f"This run is not undone: no app that is installed here registers {run.name}.")
    if sweep is None or sweep.undo is None:
        raise RunRefusedError(f"Runs of {run.name} cannot be undone: the task does not say how.")
    if run.undone_by and run.undone_by.is_open:
        raise RunRefusedError(f"This run is being undone by {run.undone_by_id} ({run.undone_by.state}).")
    if run.undone_by and run.undone_by.state in UNDONE:
        raise RunRefusedError(f"This run was undone already, by {run.undone_by_id} ({run.undone_by.state}).")
    if not has_changes(sweep=sweep, run=run):
        raise RunRefusedError("This run changed nothing: there is nothing to undo.")


@transaction.atomic
def run_retry_items(*, run: Run, operator: Operator, idempotency_key: str | None = None) -> Run:
    """Ask for the same task again, for the items alone that failed; return the new run, linked to this one.

    A key that was used before answers with the run that it asked for, whatever that is.
    """
    run = _ended(run, "retried")
    if asked := run_asked_with(idempotency_key, run.organisation):
        return asked
    _retryable(run, sweep_for(run.name))
    again, is_new = run_request_once(
        Request(
            name=run.name,
            # The items are read from this run's rows: a message stays small, however many there are.
            kwargs={**run.kwargs, "failed_of": str(run.id)},
            queue=run.queue,
            organisation=run.organisation,
            trigger=Trigger.RETRY,
            requested_by=operator.name,
            retry_of=run,
            idempotency_key=idempotency_key,
        )
    )
    if is_new:
        audit_write(operator=operator, verb="run.retry_items", subject=run, retry=str(again.id))
    return again


def _retryable(run: Run, sweep: Sweep | None) -> None:
    if sweep is None:
        raise RunRefusedError(f"Items of {run.name} are not retried one by one: retry the run instead.")
    if not failed_items(sweep, run.id).exists():
        raise RunRefusedError("No item of this run failed: there is nothing to retry.")


def _ended(run: Run, what: str) -> Run:
    rows = Run.objects.select_for_update(of=("self",)).select_related("organisation", "undone_by")
    run = rows.get(id=run.id)
    if run.is_open:
        raise RunRefusedError(f"This run has not ended ({run.state}): it cannot be {what} yet.")
    return run
