"""The worker's door."""

from dataclasses import asdict

from celery import shared_task

from apps.tickets import services
from apps.tickets.enums import ARCHIVE_TASK
from core.runs.task import RepeatableTask


@shared_task(base=RepeatableTask, name=ARCHIVE_TASK, policy="net", sweep=services.ARCHIVE)
def archive_old_done_tickets(failed_of: str | None = None) -> dict[str, int]:
    return asdict(services.tickets_archive_due(failed_of=failed_of))
