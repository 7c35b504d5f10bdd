"""What explains a silent heartbeat: the worker's processes are all in a task.

A worker takes no tick while each of its processes is busy, and that is no fault: a task may take half an hour. So each
process marks that it is in a task, by an empty file beside the heartbeat's, dated when the task must have ended. The
probe and the listener count the marks; a process that is gone, or past its time, counts no more.
"""

import os
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from core.heartbeat.routing import TASK


def begin(task: str, *, seconds: float) -> None:
    """Mark this process as busy; where no file can be written, a busy worker just looks silent."""
    if task == TASK:
        return
    until = time.time() + seconds
    with suppress(OSError):
        _mark().touch()
        os.utime(_mark(), (until, until))


def end() -> None:
    with suppress(OSError):
        _mark().unlink(missing_ok=True)


def can_mark() -> bool:
    """Tell whether marks can be written here: without them a busy process looks like an idle one."""
    return os.access(settings.HEARTBEAT_FILE.parent, os.W_OK | os.X_OK)


def is_any_busy() -> bool:
    """Tell whether a process of this worker is in a task, within its time; `runtime.listener` counts the same way."""
    file: Path = settings.HEARTBEAT_FILE
    return any(_is_valid(mark) for mark in file.parent.glob(f"{file.name}.busy.*"))


def _is_valid(mark: Path) -> bool:
    try:
        os.kill(int(mark.suffix[1:]), 0)
        return mark.stat().st_mtime > time.time()
    except (OSError, ValueError):
        return False


def _mark() -> Path:
    file: Path = settings.HEARTBEAT_FILE
    return file.with_name(f"{file.name}.busy.{os.getpid()}")
