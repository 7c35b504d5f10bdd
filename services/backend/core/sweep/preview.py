"""Say what a run would change, from the statements that the run is made of; nothing is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from core.organisations.models import Organisation
from core.sweep import statements
from core.sweep.declaration import Due, Row, Sweep


@dataclass(frozen=True)
class Preview:
    """How many rows, and the first of them, the longest overdue first."""

    count: int
    rows: list[Row]


def sweep_preview(*, sweep: Sweep, now: datetime, organisation: Organisation | None = None, limit: int = 20) -> Preview:
    """Say what a run at `now` (which may lie ahead) would change, of one organisation or of all."""
    listed = due_list(due=sweep.due, now=now, organisation=organisation, limit=limit)
    rows = [sweep.due.describe(row) for row in listed]
    return Preview(due_count(due=sweep.due, now=now, organisation=organisation), rows)


def due_list(
    *, due: Due, now: datetime, organisation: Organisation | None = None, limit: int | None = None
) -> Iterator[tuple[Any, ...]]:
    """Yield what `shown` selects of each due row; memory stays flat, however many there are."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(statements.listing(due, mine=organisation is not None), _values(due, now, organisation, limit))
        yield from cursor


def due_count(*, due: Due, now: datetime, organisation: Organisation | None = None) -> int:
    return _one(statements.count(due, mine=organisation is not None), _values(due, now, organisation))


def taken_count(*, due: Due, now: datetime, limit: int) -> int:
    """Count what a run that begins now would take, no further than the limit."""
    return _one(statements.bounded_count(due), _values(due, now, limit=limit))


def _values(
    due: Due, now: datetime, organisation: Organisation | None = None, limit: int | None = None
) -> dict[str, Any]:
    return due.values() | {"now": now, "organisation": organisation and organisation.pk, "limit": limit}


def _one(question: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return int(cursor.fetchone()[0])
