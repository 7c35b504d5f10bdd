"""Keep the runs at work in this process alive in the database, and hear whether somebody wants one to end."""

import logging
import os
import threading
import time

from django.db import Error, connection

from core.runs.running import Running, at_work, values

logger = logging.getLogger("deskbeat.runs")

EVERY_SECONDS = 10.0

PULSE = """
    UPDATE runs_run SET heartbeat_at = clock_timestamp(), examined = %(examined)s, changed = %(changed)s,
        failed = %(failed)s, progress_done = coalesce(%(done)s, progress_done),
        progress_total = coalesce(%(total)s, progress_total), note = %(note)s
    WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'RUNNING' AND finished_at IS NULL
    RETURNING cancel_requested_at IS NOT NULL
"""


def run_pulse(run: Running) -> bool:
    """Tell the row how far the run is, and note in `run` when it is to end; False when it is no longer ours."""
    with connection.cursor() as cursor:
        cursor.execute(PULSE, {"id": run.id, "attempt": run.attempt, **values(run)})
        row = cursor.fetchone()
    run.cancelled = row is None or row[0]
    run.told_at = time.monotonic()
    return row is not None


_beating: set[int] = set()


def keep_alive() -> None:
    """Start this process's thread, once: it wakes every few seconds, and costs a short task nothing."""
    if os.getpid() not in _beating:
        _beating.add(os.getpid())
        threading.Thread(target=_beat, name="run heartbeat", daemon=True).start()


def _beat() -> None:
    while True:
        time.sleep(EVERY_SECONDS)
        for run in list(at_work.values()):
            if time.monotonic() - run.told_at >= EVERY_SECONDS / 2:
                _pulse(run)


def _pulse(run: Running) -> None:
    """A database that is away is no fault of the run's: the next pulse may reach it."""
    try:
        run_pulse(run)
    except Error as error:
        logger.warning("Run %s could not tell that it is alive: %s", run.id, error)
    finally:
        connection.close()
