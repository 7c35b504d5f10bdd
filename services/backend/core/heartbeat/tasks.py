"""The task that beat sends to its own node's worker every few seconds."""

from celery import shared_task
from django.conf import settings

from core.heartbeat.routing import TASK
from core.heartbeat.services import heartbeat_stamp


@shared_task(name=TASK, ignore_result=True, acks_late=False)
def stamp() -> None:
    heartbeat_stamp(node=settings.NODE_NAME, file=settings.HEARTBEAT_FILE)
