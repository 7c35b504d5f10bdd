"""The run at work in this process: what its task may ask and tell."""

import os
import time
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.conf import settings

from core.runs.errors import RunCancelledError, RunOutOfTimeError

# How often a run's progress and its wish to be cancelled cross the network, however often its task calls.
EVERY_SECONDS = 1.0


@dataclass
class Running:
    """One attempt. `attempt` is the fence: when another worker was given the run, nothing of this one counts."""

    id: UUID
    name: str
    attempt: int
    max_attempts: int
    organisation_id: int | None = None
    approved: bool = False
    retry_of_id: UUID | None = None
    examined: int = 0
    changed: int = 0
    failed: int = 0
    done: int | None = None
    total: int | None = None
    note: str = ""
    cancelled: bool = False
    told_at: float = field(default_factory=time.monotonic)
    # Of a run that somebody waits for; on the monotonic clock.
    out_of_time_at: float | None = None

    def count(self, *, examined: int = 0, changed: int = 0, failed: int = 0) -> None:
        self.examined += examined
        self.changed += changed
        self.failed += failed

    def commit(self, *, examined: int = 0, changed: int = 0, failed: int = 0, done: int, total: int | None) -> None:
        """Tell the row what the open transaction did, so that it stays counted when this worker dies; then `count` it.

        Raises RunCancelledError when the run was given to another: the transaction is to be rolled back.
        """
        from core.runs.services.pulse import run_pulse  # noqa: PLC0415  # services import this module

        told = replace(self, done=done, total=total)
        told.count(examined=examined, changed=changed, failed=failed)
        if not run_pulse(told):
            raise RunCancelledError
        self.cancelled, self.told_at = told.cancelled, told.told_at

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        """Say how far it is; a safe point, too: raises RunCancelledError when somebody asked to cancel."""
        self.done, self.total, self.note = done, total, note
        self.checkpoint()

    def checkpoint(self) -> None:
        """Raise RunCancelledError when somebody asked to cancel. Call it between two pieces of committed work."""
        from core.runs.services.pulse import run_pulse  # noqa: PLC0415  # services import this module

        if not self.cancelled and time.monotonic() - self.told_at >= EVERY_SECONDS:
            run_pulse(self)
        if self.cancelled:
            raise RunCancelledError
        if self.out_of_time_at is not None and time.monotonic() > self.out_of_time_at:
            raise RunOutOfTimeError("It was out of time. What it had done until then stays.")


current: ContextVar[Running | None] = ContextVar("running", default=None)
# Every run at work in this process, for the thread that keeps their heartbeat.
at_work: dict[UUID, Running] = {}


def running() -> Running | None:
    """Return the run that this code works for, or None (a direct call, a task without a row)."""
    return current.get()


def worker_name() -> str:
    """Name this process: the node and the process in it."""
    return f"{settings.NODE_NAME}/{os.getpid()}"


def values(run: Running) -> dict[str, Any]:
    """Return what the row is told at every pulse and at the end."""
    return {
        "examined": run.examined,
        "changed": run.changed,
        "failed": run.failed,
        "done": run.done,
        "total": run.total,
        "note": run.note[:500],
    }
