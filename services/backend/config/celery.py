"""The Celery app, shared by those who ask for work (web) and those who do it (worker, beat)."""

import os
from logging.config import dictConfig
from typing import Any

from celery import Celery, signals
from django.conf import settings
from kombu import Queue

from config.logging import request_id

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

REQUEST_ID_HEADER = "x_request_id"
SHARED_QUEUES = ("default",)


@app.on_configure.connect
def declare_queues(sender: Celery, **_: Any) -> None:
    """Declare every queue, so that a plain `celery -A config worker` takes them all, its own heartbeat's too."""
    sender.conf.task_queues = [Queue(name) for name in (*SHARED_QUEUES, f"heartbeat.{settings.NODE_NAME}")]


@signals.setup_logging.connect
def set_up_logging(loglevel: int | None = None, **_: Any) -> None:
    """Keep Celery from configuring logging: ours is the only handler, so no line is written twice."""
    dictConfig(settings.LOGGING)


@signals.before_task_publish.connect
def send_request_id(headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is not None and (bound := request_id.get()):
        headers[REQUEST_ID_HEADER] = bound


@signals.task_prerun.connect
def bind_request_id(task: Any = None, **_: Any) -> None:
    request_id.set(getattr(task.request, REQUEST_ID_HEADER, None) or "")


@signals.task_postrun.connect
def release_request_id(**_: Any) -> None:
    request_id.set("")
