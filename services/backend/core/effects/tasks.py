"""The worker's door: delivery and housekeeping."""

from celery import shared_task

from core.effects.enums import DELIVER_TASK
from core.effects.services.deliver import effects_deliver
from core.effects.services.retention import effects_forget
from core.runs.task import LedgerTask


@shared_task(base=LedgerTask, name=DELIVER_TASK, ignore_result=True, ledger=False, concurrent=True)
def deliver() -> dict[str, int]:
    """Leave no row among the runs: each effect is its own record, and most ticks find nothing (1,440 a day)."""
    return effects_deliver()


@shared_task(base=LedgerTask, name="cleanup_old_effects", singleton=True)
def cleanup_old_effects() -> dict[str, int]:
    return {"deleted": effects_forget()}
