"""A worker as a unit of systemd: `celery worker --include=runtime.watched_worker`.

What beat and the listener do in a container this one does for itself, as systemd may run several beside one beat: it
sends a heartbeat through Redis to its own queue, and feeds the watchdog only while the heartbeats come through.
"""

import os
import threading
from contextlib import suppress
from typing import Any

import redis
from celery import signals
from django.conf import settings
from kombu.exceptions import OperationalError

from core.heartbeat.routing import TASK, queue_of
from runtime import listener
from runtime.notify import notify


class Pulse:
    """Judge this worker every few seconds, in a thread: its main loop sleeps while it waits for Redis."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker
        self._progress = listener.watch(os.environ)
        self._round = threading.Lock()
        self._wake = threading.Event()
        self._takes_tasks = self._stops = False

    def start(self) -> None:
        # No child is forked in the middle of a round: it would inherit the locks that this thread holds.
        os.register_at_fork(
            before=self._round.acquire, after_in_parent=self._round.release, after_in_child=self._round.release
        )
        signals.worker_ready.connect(self._ready)
        signals.worker_shutting_down.connect(self._stopping)
        threading.Thread(target=self._beat, daemon=True).start()

    def _ready(self, **_: Any) -> None:
        self._takes_tasks = True
        notify("READY=1")
        self._wake.set()

    def _stopping(self, **_: Any) -> None:
        self._stops = True

    def _beat(self) -> None:
        while True:
            self._wake.wait(settings.HEARTBEAT_INTERVAL_SECONDS)
            self._wake.clear()
            with self._round:
                self._send()
                self._report()

    def _send(self) -> None:
        """Ask for a stamp; a worker that is full would take it too late, and one that stops not at all."""
        if not self._takes_tasks or self._excused:
            return
        # Who waits for Redis is told so by the worker's own lines.
        with suppress(OperationalError, redis.RedisError):
            expires = 3 * settings.HEARTBEAT_INTERVAL_SECONDS
            self._worker.app.send_task(TASK, queue=queue_of(settings.NODE_NAME), expires=expires, retry=False)

    @property
    def _busy(self) -> int:
        return listener.busy(settings.HEARTBEAT_FILE)

    @property
    def _excused(self) -> bool:
        """Tell whether no heartbeat can be expected: each process is in a task (decision 0010), or it stops."""
        return self._stops or self._busy >= self._worker.concurrency

    def _report(self) -> None:
        failure = self._progress.failure(excused=self._excused)
        if failure:
            notify(f"STATUS=Stuck: {failure}")
            return
        # Servers that are away keep nobody from having started: a boot does not wait for them.
        started = ["READY=1"] if self._progress.waiting else []
        notify(*started, "WATCHDOG=1", f"STATUS={self._words()}")

    def _words(self) -> str:
        if self._progress.waiting:
            return "Waiting for PostgreSQL or Redis"
        doing = f"{self._busy} of {self._worker.concurrency} busy"
        return f"{'Stopping, ' if self._stops else ''}{doing}, heartbeat {self._progress.silent_seconds:.0f} s ago"


@signals.worker_init.connect
def watch(sender: Any, **_: Any) -> None:
    Pulse(sender).start()
