"""The worker's door: housekeeping."""

from celery import shared_task

from core.runs.services.reconcile import runs_reconcile
from core.runs.services.retention import runs_forget
from core.runs.task import LedgerTask


@shared_task(base=LedgerTask, name="cleanup_old_task_results", singleton=True)
def cleanup_old_task_results() -> dict[str, int]:
    return {"deleted": runs_forget()}


@shared_task(base=LedgerTask, name="cleanup_failed_tasks", singleton=True)
def cleanup_failed_tasks() -> dict[str, int]:
    """As every beat does every few seconds, for those who look for it by its name."""
    return {"mended": runs_reconcile()}
