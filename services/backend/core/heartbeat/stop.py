"""End a worker that was told to stop, is in no task, and yet does not end.

Celery's last step waits for its processes without a limit, and one that misses the word to end, as when Redis went away
in that moment, is waited for until the supervisor's time for a running task is over: half an hour.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from core.heartbeat import work

logger = logging.getLogger("deskbeat.worker")

# An idle worker ends within three seconds; billiard itself waits thirty for a result that nobody fetched.
IDLE_SECONDS = 40.0
# For the worker's own end, once its processes are gone.
LAST_SECONDS = 10.0
FAILED = 1


def watch(worker: Any) -> None:
    """Begin to watch the stop of this process's worker, unless its processes cannot say when they are in a task."""
    if work.can_mark():
        threading.Thread(target=_watch, args=(lambda: _children(worker),), name="stop", daemon=True).start()


def _watch(children: Callable[[], list[int]]) -> None:
    _wait_idle(IDLE_SECONDS)
    logger.error("Ended without waiting longer: told to stop, in no task for %.0f s, and not stopped.", IDLE_SECONDS)
    for child in children():
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    # Now it ends as it should, and says goodbye; if not, then so.
    time.sleep(LAST_SECONDS)
    os._exit(FAILED)


def _wait_idle(seconds: float) -> None:
    """Wait until no process was in a task for so long without a break."""
    since = time.monotonic()
    while time.monotonic() - since < seconds:
        time.sleep(1)
        if work.is_any_busy():
            since = time.monotonic()


def _children(worker: Any) -> list[int]:
    """Return the processes of a prefork pool; the other pools have none but this one."""
    return [pid for pid in worker.pool.info.get("processes", ()) if pid != os.getpid()]
