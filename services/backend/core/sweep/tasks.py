"""The worker's door."""

from celery import shared_task

from core.runs.task import LedgerTask
from core.sweep.enums import UNDO_TASK
from core.sweep.services.undo import changes_undo


@shared_task(
    base=LedgerTask,
    name=UNDO_TASK,
    acks_late=True,
    reject_on_worker_lost=True,
    # What an attempt restored is committed and marked: another goes on from there.
    policy="net",
)
def undo_run(run: str) -> dict[str, int]:
    done = changes_undo(run_id=run)
    return {"examined": done.examined, "restored": done.changed, "failed": done.failed}
