"""The worker's door."""

from celery import shared_task

from core.runs.task import RepeatableTask
from core.sweep.enums import UNDO_TASK
from core.sweep.services.undo import changes_undo


@shared_task(base=RepeatableTask, name=UNDO_TASK, policy="net")
def undo_run(run: str) -> dict[str, int]:
    done = changes_undo(run_id=run)
    return {"examined": done.examined, "restored": done.changed, "failed": done.failed}
