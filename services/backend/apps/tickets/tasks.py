"""The worker's door."""

from dataclasses import asdict

from celery import shared_task
from django.db import InterfaceError, OperationalError

from apps.tickets import services
from apps.tickets.enums import ARCHIVE_TASK


@shared_task(
    name=ARCHIVE_TASK,
    acks_late=True,
    reject_on_worker_lost=True,
    ignore_result=False,
    # The database was away or too busy; what the run archived so far is committed, so a retry goes on from there.
    autoretry_for=(OperationalError, InterfaceError),
    retry_backoff=True,
    max_retries=5,
)
def archive_old_done_tickets() -> dict[str, int]:
    return asdict(services.tickets_archive_due())
