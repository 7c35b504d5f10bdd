"""Make and edit boards and their columns."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import IntegrityError, connection, transaction

from apps.tickets.models import Board, Column
from apps.tickets.services.hints import hints_refresh
from core.errors import RefusedError
from core.organisations.models import Organisation


def board_create(*, organisation: Organisation, **fields: Any) -> Board:
    return _board_write(Board(organisation=organisation, **fields))


def board_edit(*, board: Board, **fields: Any) -> Board:
    for name, value in fields.items():
        setattr(board, name, value)
    return _board_write(board)


def _board_write(board: Board) -> Board:
    try:
        with transaction.atomic():
            board.save()
            hints_refresh_later(board)
    except IntegrityError:
        raise RefusedError(f"There is already a board {board.name!r}: choose another name.") from None
    return board


def column_create(*, board: Board, **fields: Any) -> Column:
    return _column_write(Column(board=board, **fields))


def column_edit(*, column: Column, **fields: Any) -> Column:
    for name, value in fields.items():
        setattr(column, name, value)
    return _column_write(column)


def _column_write(column: Column) -> Column:
    """Save, and have the deferred constraint answer here instead of at a commit that nobody can explain."""
    try:
        with transaction.atomic():
            column.save()
            connection.check_constraints()
            hints_refresh_later(column.board)
    except IntegrityError:
        raise RefusedError(f"Position {column.position} of this board is taken: choose another.") from None
    return column


@transaction.atomic
def columns_order(*, board: Board, ids: Sequence[int]) -> None:
    """Put all columns of the board into the given order."""
    columns = {column.pk: column for column in board.columns.select_for_update()}
    if sorted(ids) != sorted(columns):
        raise RefusedError(f"Name each column of {board.name!r} once: {', '.join(map(str, sorted(columns)))}.")
    for position, column_id in enumerate(ids, start=1):
        columns[column_id].position = position
    Column.objects.bulk_update(columns.values(), ["position"])


def hints_refresh_later(board: Board) -> None:
    """Recompute the hints after the commit: it takes ticket locks, which must not wait behind the board's.

    Robust: the change stands even if the recompute fails now; the board stays marked for the hourly run.
    """
    transaction.on_commit(partial(hints_refresh, board_ids=[board.pk]), robust=True)
