"""Say what a run would change, from the statements that the run is made of; nothing is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import nsmallest
from itertools import chain, islice
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.organisations.models import Organisation
from core.sweep import statements
from core.sweep.batches import BATCH_ROWS
from core.sweep.decide import UndecidedError, as_values, decisions
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
    """Yield what `shown` selects of each due row; memory stays flat, however many there are (with a limit, where the
    rule is Python).
    """
    if due.decision:
        yield from _decided_list(due, now, organisation, limit)
        return
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(statements.listing(due, mine=organisation is not None), _values(due, now, organisation, limit))
        yield from cursor


def due_count(*, due: Due, now: datetime, organisation: Organisation | None = None) -> int:
    if due.decision:
        return sum(1 for _ in _decided(due, now, organisation))
    return _one(statements.count(due, mine=organisation is not None), _values(due, now, organisation))


def taken_count(*, due: Due, now: datetime, limit: int) -> int:
    """Count what a run that begins now would take, no further than the limit."""
    if due.decision:
        return sum(1 for _ in islice(_decided(due, now, hinted_only=True), limit))
    return _one(statements.bounded_count(due), _values(due, now, limit=limit))


def _decided_list(
    due: Due, now: datetime, organisation: Organisation | None, limit: int | None
) -> Iterator[tuple[Any, ...]]:
    rows = _decided(due, now, organisation)
    first = sorted(rows, key=_order) if limit is None else nsmallest(limit, rows, key=_order)
    with connection.cursor() as cursor:
        cursor.execute(statements.decided_listing(due), _values(due, now, organisation, limit) | as_values(due, first))
        yield from cursor.fetchall()


def _order(decided: tuple[Any, ...]) -> tuple[Any, ...]:
    return decided[2], decided[0]


def _decided(
    due: Due, now: datetime, organisation: Organisation | None = None, *, hinted_only: bool = False
) -> Iterator[tuple[Any, ...]]:
    """Yield what the rule says is due. A page is a statement: no transaction is held open meanwhile."""
    pages = statements.pages(due, mine=organisation is not None)[: 1 if hinted_only else 2]
    for rows in chain.from_iterable(_pages(due, page, now, organisation) for page in pages):
        yield from (row for row in rows if row[2] is not None and row[2] < now)


def _pages(due: Due, page: str, now: datetime, organisation: Organisation | None) -> Iterator[list[tuple[Any, ...]]]:
    values = _values(due, now, organisation, BATCH_ROWS)
    place: dict[str, Any] | None = {"after_time": datetime(1, 1, 1, tzinfo=UTC), "after_id": 0}
    while place is not None:
        with connection.cursor() as cursor:
            cursor.execute(page, values | place)
            found = cursor.fetchall()
            yield _decidable(due, cursor, [row[0] for row in found], now, values)
        place = {"after_time": found[-1][1], "after_id": found[-1][0]} if len(found) == BATCH_ROWS else None


def _decidable(
    due: Due, cursor: CursorWrapper, ids: list[int], now: datetime, values: dict[str, Any]
) -> list[tuple[Any, ...]]:
    """Return the decisions without the rows that the rule cannot decide about: the run will fail at those alone."""
    try:
        return decisions(due=due, cursor=cursor, ids=ids, now=now, values=values)
    except UndecidedError:
        halves = (ids[: len(ids) // 2], ids[len(ids) // 2 :]) if len(ids) > 1 else ()
        return [row for half in halves for row in _decidable(due, cursor, half, now, values)]


def _values(
    due: Due, now: datetime, organisation: Organisation | None = None, limit: int | None = None
) -> dict[str, Any]:
    return due.values() | {"now": now, "organisation": organisation and organisation.pk, "limit": limit}


def _one(question: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return int(cursor.fetchone()[0])
