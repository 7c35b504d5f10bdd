"""Celery workers of one process, as production starts them, on the database of the test."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

from core.runs.models import Run
from tests.integration.connections import tasks

NODE = "kept"
SESSIONS = "FROM pg_stat_activity WHERE application_name = %s"


@contextmanager
def working(directory: Path, *words: str, pool: str = "prefork") -> Iterator["subprocess.Popen[bytes]"]:
    with tasks.app.connection_for_write() as broker:
        broker.default_channel.client.flushdb()
    own = {"DB_NAME": connection.settings_dict["NAME"], "NODE_NAME": NODE, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "celery", "-A", tasks.__name__, "worker", f"--pool={pool}", "-c1", *words]
    with (directory / "worker.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | own)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=120)


def session() -> dict[str, Any]:
    """Return what a task finds in its session. It needs one attempt, whatever was before."""
    result = tasks.session.delay()
    found: dict[str, Any] = result.get(timeout=60)
    assert Run.objects.get(id=result.id).attempt == 1
    return found


def sessions() -> list[int]:
    """Return the sessions of the worker's that PostgreSQL knows."""
    return _asked(f"SELECT pid {SESSIONS}")


def sessions_end() -> list[bool]:
    """Do to the worker's sessions what a restart of PostgreSQL does."""
    return _asked(f"SELECT pg_terminate_backend(pid, 10000) {SESSIONS}")


def locks() -> list[str]:
    """Return what the worker's sessions hold."""
    return _asked(f"SELECT locktype FROM pg_locks WHERE pid IN (SELECT pid {SESSIONS})")  # noqa: S608  # a constant


def _asked(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [NODE])
        return [value for (value,) in cursor.fetchall()]
