"""Hold a run that would change unusually much, before its first change: a clock jumped, a setting is wrong, or such."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from core.clock import database_now
from core.runs.enums import State
from core.runs.errors import RunHeldError, RunSkippedError
from core.runs.models import Run
from core.runs.running import Running
from core.sweep.declaration import Guard, Sweep
from core.sweep.preview import sweep_preview, taken_count

USUAL_DAYS = timedelta(days=30)
# Of the runs that changed anything: a quiet night says nothing about a busy hour.
MEDIAN = """
    SELECT coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY changed), 0) FROM runs_run
    WHERE name = %(name)s AND queued_at > %(since)s AND state IN ('SUCCEEDED', 'PARTIAL') AND changed > 0
"""


def guard_check(*, sweep: Sweep, run: Running, now: datetime | None = None) -> int | None:
    """Return how many rows the run will take (None: many, and approved), or raise RunHeldError with a preview."""
    if run.approved:
        return None
    now = now or database_now()
    few = sweep.guard.rows
    count = taken_count(due=sweep.due, now=now, limit=few + 1)
    if count <= few:
        return count
    limit, usual = _limit(sweep.guard, run.name, now)
    count = taken_count(due=sweep.due, now=now, limit=limit + 1)
    if count > limit:
        _give_way(run)
        raise RunHeldError(*_held(sweep, now, limit, usual))
    return count


def _give_way(run: Running) -> None:
    """Ask once: while a run of the task is held, another is not held beside it."""
    held = Run.objects.filter(name=run.name, finished_at__isnull=True, state=State.HELD).exclude(id=run.id)
    for held_id in held.values_list("id", flat=True)[:1]:
        raise RunSkippedError(f"Run {held_id} of this task is held: approve or reject it first.")


def _limit(guard: Guard, name: str, now: datetime) -> tuple[int, float]:
    with connection.cursor() as cursor:
        cursor.execute(MEDIAN, {"name": name, "since": now - USUAL_DAYS})
        usual = float(cursor.fetchone()[0])
    return max(guard.rows, int(guard.times * usual)), usual


def _held(sweep: Sweep, now: datetime, limit: int, usual: float) -> tuple[str, dict[str, Any]]:
    """Say why in a sentence, and show the person who decides how many there are and the first of them."""
    preview = sweep_preview(sweep=sweep, now=now)
    such = f"a usual run changes {usual:,.0f}" if usual else "no such run of the last 30 days changed any"
    why = f"{preview.count:,} rows would be {sweep.done}, more than the limit of {limit:,}: {such}."
    return why, {"limit": limit, "usual": usual, **asdict(preview)}
