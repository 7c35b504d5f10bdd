"""The chore: forget what prices were long ago, page by page in the order of an index, each page a short transaction."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings

from core.clock import database_now
from core.runs.running import running
from core.sweep.batches import batch_transaction

PAGE_ROWS = 1000
START: tuple[Any, ...] = (datetime.min.replace(tzinfo=UTC), 0)


class Forgotten(NamedTuple):
    """What goes after so many days; `old` is an index's condition, and of those that it finds some stay (`goes`)."""

    table: str
    at: str
    old: str
    setting: str
    goes: str = "true"


# The last change says since when a batch costs what it does. And a change stays as long as its run: an undo finds all
# that the run did, or no run.
SUPERSEDED = """
    EXISTS (SELECT FROM pricing_pricepoint newer
            WHERE newer.batch_id = t.batch_id AND newer.reason <> 'snapshot' AND (newer.at, newer.id) > (t.at, t.id))
    AND NOT EXISTS (SELECT FROM runs_run WHERE runs_run.id = t.run_id)
"""
FORGOTTEN = {
    "snapshots": Forgotten("pricing_pricepoint", "at", "t.reason = 'snapshot'", "PRICE_SNAPSHOT_RETENTION_DAYS"),
    "changes": Forgotten(
        "pricing_pricepoint", "at", "NOT (t.reason = 'snapshot')", "PRICE_HISTORY_RETENTION_DAYS", SUPERSEDED
    ),
    "discounts": Forgotten("pricing_discount", "valid_to", "NOT (t.status = 'active')", "PRICE_HISTORY_RETENTION_DAYS"),
}
DELETE = """
    WITH page AS MATERIALIZED (
        SELECT t.id, t.{at} AS at, ({goes}) AS goes FROM {table} t
        WHERE {old} AND t.{at} < %(before)s AND (t.{at}, t.id) > (%(at)s, %(id)s)
        ORDER BY t.{at}, t.id LIMIT %(limit)s
    ), gone AS (DELETE FROM {table} t USING page WHERE t.id = page.id AND page.goes RETURNING t.id)
    SELECT (SELECT count(*) FROM gone), at, id FROM page ORDER BY at DESC, id DESC LIMIT 1
"""


def history_forget() -> dict[str, int]:
    """Delete what is older than PRICE_SNAPSHOT_RETENTION_DAYS and PRICE_HISTORY_RETENTION_DAYS; 0 days keep it."""
    return {f"{what}_deleted": _forget(kind) for what, kind in FORGOTTEN.items()}


def _forget(kind: Forgotten) -> int:
    days: int = getattr(settings, kind.setting)
    if days == 0:
        return 0
    statement = DELETE.format(**kind._asdict())
    values: dict[str, Any] = {"before": database_now() - timedelta(days=days), "limit": PAGE_ROWS}
    total, place, run = 0, START, running()
    while place:
        if run:
            run.checkpoint()
        with batch_transaction() as (cursor, _):
            cursor.execute(statement, values | {"at": place[0], "id": place[1]})
            deleted, *rest = cursor.fetchone() or (0,)
        total, place = total + deleted, tuple(rest)
    return total
