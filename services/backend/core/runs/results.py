"""Celery's view of a run: `AsyncResult(id)` reads the row, so that there is no second record that could disagree."""

from typing import Any
from uuid import UUID

from celery import states
from celery.exceptions import NotRegistered
from django.db import connection
from django_celery_results.backends import DatabaseBackend

from core.runs.enums import State
from core.runs.models import Run
from core.runs.services.finish import run_close, run_give_back

# What Celery's clients call the states. A held run waits, as a queued one does; a slot that was left out or missed
# never ran, which Celery has no word for but REVOKED.
WORDS = {
    State.QUEUED: states.PENDING,
    State.HELD: states.PENDING,
    State.RUNNING: states.STARTED,
    State.RETRYING: states.RETRY,
    State.SUCCEEDED: states.SUCCESS,
    State.PARTIAL: states.SUCCESS,
    State.FAILED: states.FAILURE,
    State.LOST: states.FAILURE,
    State.EXPIRED: states.FAILURE,
    State.CANCELLED: states.REVOKED,
    State.SKIPPED: states.REVOKED,
    State.MISSED: states.REVOKED,
}


class RunBackend(DatabaseBackend):
    """django-celery-results' backend for tasks that opted out of the ledger; for the others, their row."""

    def store_result(
        self, task_id: str, result: Any, state: str, traceback: Any = None, request: Any = None, **kwargs: Any
    ) -> Any:
        """Write only what the task could not write itself: that it was killed, timed out or revoked from outside."""
        if isinstance(result, NotRegistered) and run_give_back(id=task_id):
            # Asked in the worker's main process, which keeps no connection.
            connection.close()
            return result
        task = self.app.tasks.get(getattr(request, "task", None) or "")
        if not getattr(task, "ledger", False):
            return super().store_result(task_id, result, state, traceback=traceback, request=request, **kwargs)
        if state == states.FAILURE:
            kind = f"{type(result).__module__}.{type(result).__qualname__}"
            run_close(
                id=task_id, state=State.FAILED, error_type=kind, error=str(result), traceback=str(traceback or "")
            )
        elif state == states.REVOKED:
            run_close(id=task_id, state=State.CANCELLED)
        return result

    def _get_task_meta_for(self, task_id: str) -> Any:
        run = _run(task_id)
        return super()._get_task_meta_for(task_id) if run is None else self.meta_from_decoded(_meta(run))


def _run(task_id: str) -> Run | None:
    try:
        return Run.objects.filter(id=UUID(task_id)).first()
    except ValueError:
        return None


def _meta(run: Run) -> dict[str, Any]:
    status = WORDS[State(run.state)]
    failed = status in states.EXCEPTION_STATES
    error = {"exc_type": run.error_type.rpartition(".")[2] or run.state, "exc_message": [run.error or run.note]}
    return {
        "task_id": str(run.id),
        "status": status,
        "result": {**error, "exc_module": run.error_type.rpartition(".")[0]} if failed else run.result,
        "traceback": run.traceback or None,
        "date_done": run.finished_at,
        "name": run.name,
        "args": run.args,
        "kwargs": run.kwargs,
        "worker": run.worker,
        "children": [],
    }
