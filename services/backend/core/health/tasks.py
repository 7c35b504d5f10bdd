"""The worker's door: look for what is broken, and tell."""

from celery import shared_task

from core.health.services import health_check
from core.runs.task import LedgerTask


@shared_task(base=LedgerTask, name="health_check_tasks", singleton=True)
def health_check_tasks() -> dict[str, int]:
    return health_check()
