"""What a person may do to a run on its admin page."""

from django.urls import reverse

from core.overview.verbs import Operating, Verb
from core.runs.enums import FINAL, OPEN, RETRYABLE, State
from core.runs.errors import RunRefusedError
from core.runs.models import Run
from core.runs.services import operate
from core.sweep.registry import sweep_for
from core.sweep.services import run_retry_items, run_undo


def _undoable(run: Run) -> bool:
    sweep = sweep_for(run.name) if run.state in FINAL and run.changed and run.undone_by_id is None else None
    return sweep is not None and sweep.undo is not None


VERBS = (
    Verb(
        "approve",
        "Approve",
        "Approved",
        operate.run_approve,
        lambda run: run.state == State.HELD,
        "What it announced is then done.",
    ),
    Verb("reject", "Reject", "Rejected", operate.run_reject, lambda run: run.state == State.HELD),
    Verb(
        "cancel",
        "Cancel",
        "Cancelled, or asked to stop",
        operate.run_cancel,
        lambda run: run.state in OPEN - {State.HELD} and run.cancel_requested_at is None,
    ),
    Verb(
        "terminate",
        "Terminate",
        "Terminated",
        operate.run_terminate,
        lambda run: run.state == State.RUNNING and run.cancel_requested_at is not None,
        "Its worker process is killed at once. What it had not committed is rolled back.",
    ),
    Verb(
        "retry_items",
        "Retry failed items",
        "Failed items are tried again",
        run_retry_items,
        lambda run: run.state in FINAL and run.failed > 0 and sweep_for(run.name) is not None,
    ),
    Verb("retry", "Retry", "Asked for again", operate.run_retry, lambda run: run.state in RETRYABLE),
    Verb(
        "undo",
        "Undo",
        "Is being undone",
        run_undo,
        _undoable,
        "What it changed is put back, except the rows that somebody has touched since.",
    ),
)
OPERATING = Operating("run", VERBS, RunRefusedError, lambda run: reverse("admin:runs_run_change", args=[run.pk]))
