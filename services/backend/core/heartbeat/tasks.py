"""The task that beat sends to its own node's worker every few seconds."""

from celery import shared_task
from django.conf import settings

from core.heartbeat.routing import TASK
from core.heartbeat.services import heartbeat_stamp
from core.heartbeat.worker import facts
from core.runs.task import LedgerTask


@shared_task(base=LedgerTask, name=TASK, ignore_result=True, acks_late=False, ledger=False)
def stamp() -> None:
    heartbeat_stamp(node=settings.NODE_NAME, file=settings.HEARTBEAT_FILE, worker=facts())
