"""Writes: add what has ended since the last look to the totals, each run exactly once."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from core.metrics.models import Folded, RunTotal

# Seconds. Half of them below a second: most tasks are short; the last is the hard limit of a task.
BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 1800.0)
# What ends now may be committed a moment later, behind one that ended after it.
SETTLED_AFTER = timedelta(seconds=15)
# Measured on 2 busy cores, 1 million runs: 20,000 take 133 ms, so half of them, and a scrape every 15 s keeps up with
# 660 runs per second. A scrape with nothing new took 70 to 110 ms.
BATCH = 10_000
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

NEW = """
    WITH ended AS MATERIALIZED (
        SELECT name, state, finished_at, id, started_at IS NOT NULL AS started,
            greatest(0, extract(epoch FROM started_at - coalesce(slot, queued_at))) AS wait,
            greatest(0, extract(epoch FROM finished_at - started_at)) AS work
        FROM runs_run
        WHERE finished_at IS NOT NULL AND (finished_at, id) > (%(at)s, %(id)s)
            AND finished_at < statement_timestamp() - %(settled)s
        ORDER BY finished_at, id LIMIT %(most)s
    ), last AS (SELECT finished_at, id FROM ended ORDER BY finished_at DESC, id DESC LIMIT 1)
    SELECT e.name, e.state, count(*), count(*) FILTER (WHERE started),
        coalesce(sum(wait) FILTER (WHERE started), 0)::float, coalesce(sum(work) FILTER (WHERE started), 0)::float,
        {waits}, {works}, last.finished_at, last.id
    FROM ended e, last GROUP BY e.name, e.state, last.finished_at, last.id
"""


def _counts(what: str) -> str:
    """Build an array of cumulative counts; the bounds are constants of this module."""
    return f"ARRAY[{', '.join(f'count(*) FILTER (WHERE started AND {what} <= {bound})' for bound in BOUNDS)}]"


STATEMENT = NEW.format(waits=_counts("wait"), works=_counts("work"))


@transaction.atomic
def totals_update(*, most: int = BATCH) -> int:
    """Return how many runs were added; none while another process is at it."""
    Folded.objects.get_or_create(pk=1, defaults={"finished_at": BEGINNING, "run": UUID(int=0)})
    until = Folded.objects.select_for_update(skip_locked=True).filter(pk=1).first()
    if until is None:
        return 0
    rows = _new(until, most)
    if not rows:
        return 0
    _add(rows)
    Folded.objects.filter(pk=1).update(finished_at=rows[0][8], run=rows[0][9])
    return sum(row[2] for row in rows)


def _new(until: Folded, most: int) -> list[tuple[Any, ...]]:
    values: dict[str, Any] = {"at": until.finished_at, "id": until.run, "settled": SETTLED_AFTER, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _add(rows: list[tuple[Any, ...]]) -> None:
    found = {(total.name, total.state): total for total in RunTotal.objects.filter(name__in={row[0] for row in rows})}
    changed = []
    for name, state, runs, started, wait, work, waits, works, *_ in rows:
        empty = RunTotal(name=name, state=state, waits=[0] * len(BOUNDS), works=[0] * len(BOUNDS))
        total = found.get((name, state), empty)
        total.runs += runs
        total.started += started
        total.wait_seconds += wait
        total.work_seconds += work
        total.waits = [old + new for old, new in zip(total.waits, waits, strict=True)]
        total.works = [old + new for old, new in zip(total.works, works, strict=True)]
        changed.append(total)
    fields = ["runs", "started", "wait_seconds", "work_seconds", "waits", "works"]
    RunTotal.objects.bulk_create(changed, update_conflicts=True, unique_fields=["name", "state"], update_fields=fields)
