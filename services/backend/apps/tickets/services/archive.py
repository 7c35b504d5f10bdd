"""The chore: archive the tickets that are due, in short batches, with their history."""

import logging
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError

from apps.tickets.archive_rule import CHECKED, DUE_COLUMNS, HINTED
from apps.tickets.enums import ARCHIVE_SCHEDULE
from apps.tickets.services.batches import BATCH_ROWS, batch_transaction, concerns_rows
from apps.tickets.services.hints import hints_refresh

logger = logging.getLogger("deskbeat.tickets")

# A run is one pass in the order of the index: what it leaves behind (locked by a person, failed) is the next run's,
# and it ends even when something keeps a row due for ever.
AFTER = "(t.archive_at, t.id) > (%(after_time)s, %(after_id)s)"
# Without the ORDER BY of the index key the planner scans the table (measured: 146 ms instead of 0.7).
TAKE_BATCH = f"{HINTED} AND {AFTER} ORDER BY t.archive_at, t.id LIMIT %(limit)s"
TAKE_ONE = f"{HINTED} AND t.id = %(id)s"

# One statement: lock what is due by its hint, apply the rule to it, archive or mend the hint, write the history.
ARCHIVE = f"""
    WITH due AS MATERIALIZED (
        SELECT {DUE_COLUMNS} FROM tickets_ticket t WHERE {{take}} FOR UPDATE SKIP LOCKED
    ), checked AS MATERIALIZED ({CHECKED}
    ), archived AS (
        UPDATE tickets_ticket t SET archived_at = %(now)s, archive_at = NULL, updated_at = %(now)s
        FROM checked WHERE t.id = checked.id AND t.archived_at IS NULL AND checked.due_at < %(now)s
        RETURNING t.id, checked.column_name, checked.hours
    ), mended AS (
        UPDATE tickets_ticket t SET archive_at = checked.due_at
        FROM checked WHERE t.id = checked.id AND (checked.due_at < %(now)s) IS NOT TRUE
    ), history AS (
        INSERT INTO tickets_ticketevent (ticket_id, at, actor_name, kind, old, new, automatic)
        SELECT id, %(now)s, '{ARCHIVE_SCHEDULE}', 'archived', column_name, 'after more than ' || hours || ' h', true
        FROM archived
    )
    SELECT (SELECT count(*) FROM due), (SELECT count(*) FROM archived), last.archive_at, last.id
    FROM (SELECT archive_at, id FROM due ORDER BY archive_at DESC, id DESC LIMIT 1) last
"""  # noqa: S608  # built from the constants above; every value is a parameter

BATCH = ARCHIVE.format(take=TAKE_BATCH)
ONE = ARCHIVE.format(take=TAKE_ONE)
NAME_BATCH = f"SELECT t.id, t.archive_at FROM tickets_ticket t WHERE {TAKE_BATCH}"  # noqa: S608
POSTPONE = (
    "UPDATE tickets_ticket SET archive_at = %(now)s + interval '1 hour' WHERE id = %(id)s AND archived_at IS NULL"
)


@dataclass
class Outcome:
    """What a run did; the log names each ticket that failed, with the database's reason."""

    examined: int = 0
    archived: int = 0
    failed: int = 0


@dataclass(frozen=True)
class _Place:
    """Where in the order of the index the run has come to."""

    time: datetime = datetime(1, 1, 1, tzinfo=UTC)
    id: int = 0


def tickets_archive_due(*, now: datetime | None = None) -> Outcome:
    """Archive every ticket that is over its board's threshold at `now` (default: the database's clock, per batch)."""
    hints_refresh()
    outcome = Outcome()
    place: _Place | None = _Place()
    while place is not None:
        place = _next_batch(place, now, outcome)
    logger.info("Archived %s tickets", outcome.archived, extra={"fields": asdict(outcome)})
    return outcome


def _next_batch(place: _Place, now: datetime | None, outcome: Outcome) -> _Place | None:
    """Archive the batch after the place and return where it ended, or None when nothing was left."""
    try:
        return _execute(BATCH, _after(place), now, outcome)
    except DatabaseError as error:
        if not concerns_rows(error):
            raise
        logger.warning("A batch failed and is retried ticket by ticket: %s", _reason(error))
        return _one_by_one(place, now, outcome)


def _one_by_one(place: _Place, now: datetime | None, outcome: Outcome) -> _Place | None:
    with batch_transaction() as (cursor, moment):
        cursor.execute(NAME_BATCH, {"now": now or moment, **_after(place)})
        rows = cursor.fetchall()
    for ticket_id, _ in rows:
        _archive_one(ticket_id, now, outcome)
    return _Place(rows[-1][1], rows[-1][0]) if rows else None


def _archive_one(ticket_id: int, now: datetime | None, outcome: Outcome) -> None:
    """Archive one ticket in its own transaction: shorter than a savepoint in the batch's, and as isolated."""
    try:
        _execute(ONE, {"id": ticket_id}, now, outcome)
    except DatabaseError as error:
        if not concerns_rows(error):
            raise
        outcome.examined += 1
        outcome.failed += 1
        logger.error("Ticket %s was not archived and is tried again in an hour: %s", ticket_id, _reason(error))
        _postpone(ticket_id, now)


def _postpone(ticket_id: int, now: datetime | None) -> None:
    try:
        with batch_transaction() as (cursor, moment):
            cursor.execute(POSTPONE, {"id": ticket_id, "now": now or moment})
    except DatabaseError as error:
        if not concerns_rows(error):
            raise
        # It stays due. The run passes it by all the same, because it never looks back.
        logger.warning("The hint of ticket %s could not be moved on: %s", ticket_id, _reason(error))


def _execute(statement: str, values: dict[str, Any], now: datetime | None, outcome: Outcome) -> _Place | None:
    with batch_transaction() as (cursor, moment):
        default = settings.TICKET_ARCHIVE_AFTER_HOURS
        cursor.execute(statement, {"now": now or moment, "default_hours": default, **values})
        row = cursor.fetchone()
    if row is None:
        return None
    examined, archived, *last = row
    outcome.examined += examined
    outcome.archived += archived
    return _Place(*last)


def _after(place: _Place) -> dict[str, Any]:
    return {"after_time": place.time, "after_id": place.id, "limit": BATCH_ROWS}


def _reason(error: DatabaseError) -> str:
    return str(error).partition("\n")[0]
