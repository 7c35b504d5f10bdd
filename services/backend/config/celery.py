"""The Celery app, shared by those who ask for work (web) and those who do it (worker, beat)."""

import gc
import logging
import os
from contextlib import suppress
from logging.config import dictConfig
from typing import Any

from celery import Celery, signals
from celery.apps import worker
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from kombu import Queue

from config.broker import report_broken_subscriptions
from config.queues import SHARED_QUEUES
from core import request_id
from core.heartbeat import stop, work
from core.heartbeat import worker as worker_facts
from core.heartbeat.routing import queue_of

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

logger = logging.getLogger("celery.apps.worker")
report_broken_subscriptions()
app = Celery("config", task_cls="core.runs.task:LedgerTask", fixups=["config.connections:fixup"])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

REQUEST_ID_HEADER = "x_request_id"


@app.on_configure.connect
def declare_queues(sender: Celery, **_: Any) -> None:
    """Declare every queue, so that a plain `celery -A config worker` takes them all, its own heartbeat's too."""
    sender.conf.task_queues = [Queue(name) for name in (*SHARED_QUEUES, queue_of(settings.NODE_NAME))]


@signals.celeryd_after_setup.connect
def take_own_heartbeat(instance: Any, **_: Any) -> None:
    """Keep a worker that was given some queues only (`--queues`) from missing what its own health is read from."""
    instance.app.amqp.queues.select_add(queue_of(settings.NODE_NAME))
    worker_facts.note(instance, node=settings.NODE_NAME)


@signals.celeryd_after_setup.connect
def limit_stop(instance: Any, **_: Any) -> None:
    """Let no stop wait for ever; not weak, as nobody else holds the closure."""
    signals.worker_shutting_down.connect(lambda **_: stop.watch(instance), weak=False)


@signals.worker_shutdown.connect
def say_goodbye(**_: Any) -> None:
    """Take this node off the record, so that nobody misses what was told to stop."""
    from core.heartbeat.services import heartbeat_leave  # noqa: PLC0415  # the apps are not loaded yet above

    with suppress(DatabaseError, InterfaceError):
        heartbeat_leave(node=settings.NODE_NAME)


@signals.setup_logging.connect
def set_up_logging(loglevel: int | None = None, **_: Any) -> None:
    """Keep Celery from configuring logging: ours is the only handler, so no line is written twice."""
    dictConfig(settings.LOGGING)
    worker.safe_say = say  # type: ignore[attr-defined]  # not in the stubs


def say(message: str, *_: Any) -> None:
    """Write what Celery prints while it shuts down as an event: it is all that it does not log.

    It comes from a signal handler, where a logging handler's stream may be in use: so one write, no buffer.
    """
    record = logger.makeRecord(logger.name, logging.INFO, "", 0, message.strip(), (), None)
    for handler in logging.getLogger().handlers:
        os.write(1, f"{handler.format(record)}\n".encode())


@signals.worker_before_create_process.connect
def share_memory(**_: Any) -> None:
    """Keep the collector from touching, and so copying, what a child shares with the worker it is forked from.

    Measured: 213 MB resident without, 186 MB with. Only before the first child: what is frozen is never collected.
    """
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()


@signals.before_task_publish.connect
def send_request_id(headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is not None and (bound := request_id.current.get()):
        headers[REQUEST_ID_HEADER] = bound


@signals.task_prerun.connect
def bind_request_id(task: Any = None, **_: Any) -> None:
    request_id.current.set(getattr(task.request, REQUEST_ID_HEADER, None) or "")


@signals.task_postrun.connect
def release_request_id(**_: Any) -> None:
    request_id.current.set("")


@signals.task_prerun.connect
def begin_work(task: Any = None, **_: Any) -> None:
    hard, _soft = task.request.timelimit or (None, None)
    work.begin(task.name, seconds=hard or task.time_limit or settings.CELERY_TASK_TIME_LIMIT)


@signals.task_postrun.connect
def end_work(**_: Any) -> None:
    work.end()
