"""The worker's door."""

from dataclasses import asdict

from celery import shared_task

from apps.tickets import services
from apps.tickets.enums import ARCHIVE_TASK
from core.runs.task import LedgerTask


@shared_task(
    base=LedgerTask,
    name=ARCHIVE_TASK,
    acks_late=True,
    reject_on_worker_lost=True,
    # What a run archived is committed: another attempt goes on from there.
    policy="net",
    sweep=services.ARCHIVE,
)
def archive_old_done_tickets(failed_of: str | None = None) -> dict[str, int]:
    return asdict(services.tickets_archive_due(failed_of=failed_of))
