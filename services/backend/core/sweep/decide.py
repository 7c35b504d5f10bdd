"""Ask the rule in Python, and hand its decisions to the statements."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from core.sweep.declaration import Due
from core.sweep.statements import decided_columns, facts


class UndecidedError(ValueError):
    """The rule could not decide about one of the rows: a value in it makes no sense."""


def decisions(
    *, due: Due, cursor: CursorWrapper, ids: Collection[int], now: datetime, values: dict[str, Any]
) -> list[tuple[Any, ...]]:
    """Return what the rule says of each row. Where they are locked, what it is told is younger than the locks."""
    assert due.decision is not None  # noqa: S101  # for the type checker
    cursor.execute(facts(due), values | {"taken": list(ids), "now": now})
    rows = cursor.fetchall()
    try:
        return list(due.decision.by(rows, now))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise UndecidedError(f"{type(error).__name__}: {error}") from error


def as_values(due: Due, rows: Collection[tuple[Any, ...]]) -> dict[str, Any]:
    """Turn the decisions into one JSON value for the statements to read: half as dear as an array for each column.

    Numbers and times go as their texts, which PostgreSQL reads without loss.
    """
    names = [name for name, _ in decided_columns(due)]
    return {"decided": json.dumps([dict(zip(names, row, strict=True)) for row in rows], default=str)}
