"""Keep every ticket's due hint true when a setting changes: in short batches, resumable at any point.

A board whose hints do not follow its settings yet is marked by `hints_stale_since`. The mark is set in the transaction
that changes the setting and cleared only after the last batch, so a crash between leaves work for the next hourly run.
"""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from apps.tickets.models import Board, Column
from core.sweep.batches import BATCH_ROWS, batch_transaction, concerns_rows

logger = logging.getLogger("deskbeat.tickets")

START = (datetime(1, 1, 1, tzinfo=UTC), 0)

# A change of the default reaches each board without a setting of its own; clock_timestamp(), because two changes in one
# second must not look alike to the clearing below.
THRESHOLDS = """
    UPDATE tickets_board
    SET effective_hours = coalesce(archive_after_hours, %(default_hours)s), hints_stale_since = clock_timestamp()
    WHERE effective_hours IS DISTINCT FROM coalesce(archive_after_hours, %(default_hours)s)
"""

# Reads a page without locks and writes only what is wrong. A ticket that somebody changes in between is left alone: the
# trigger has just computed its hint, from the new setting.
REFRESH = """
    WITH page AS MATERIALIZED (
        SELECT t.id, t.entered_column_at, t.archive_at,
               tickets_archive_due(c.is_done_column, t.pinned, t.entered_column_at, b.effective_hours) AS due_at
        FROM tickets_ticket t
        JOIN tickets_column c ON c.id = t.column_id
        JOIN tickets_board b ON b.id = c.board_id
        WHERE t.column_id = %(column_id)s AND t.archived_at IS NULL
          AND (t.entered_column_at, t.id) > (%(after_time)s, %(after_id)s)
        ORDER BY t.entered_column_at, t.id LIMIT %(limit)s
    ), mended AS (
        UPDATE tickets_ticket t SET archive_at = page.due_at
        FROM page
        WHERE t.id = page.id AND t.archived_at IS NULL AND page.archive_at IS DISTINCT FROM page.due_at
          AND t.archive_at IS NOT DISTINCT FROM page.archive_at AND t.entered_column_at = page.entered_column_at
    )
    SELECT entered_column_at, id FROM page ORDER BY entered_column_at DESC, id DESC LIMIT 1
"""


def hints_refresh(*, board_ids: Iterable[int] | None = None) -> None:
    """Bring the hints of the stale boards (of all, or of those named) up to their settings."""
    with connection.cursor() as cursor:
        cursor.execute(THRESHOLDS, {"default_hours": settings.TICKET_ARCHIVE_AFTER_HOURS})
    stale = Board.objects.filter(hints_stale_since__isnull=False)
    for board in stale if board_ids is None else stale.filter(pk__in=board_ids):
        _board_refresh(board)


def _board_refresh(board: Board) -> None:
    try:
        for column_id in Column.objects.filter(board=board).values_list("pk", flat=True):
            _column_refresh(column_id)
    except DatabaseError as error:
        if not concerns_rows(error):
            raise
        logger.warning("The hints of board %s stay stale until the next run: %s", board.pk, str(error).strip())
        return
    # A setting that changed again meanwhile has put a newer mark, which stays.
    Board.objects.filter(pk=board.pk, hints_stale_since=board.hints_stale_since).update(hints_stale_since=None)


def _column_refresh(column_id: int) -> None:
    after: tuple[datetime, int] | None = START
    while after is not None:
        with batch_transaction() as (cursor, _):
            values: dict[str, Any] = {
                "column_id": column_id,
                "after_time": after[0],
                "after_id": after[1],
                "limit": BATCH_ROWS,
            }
            cursor.execute(REFRESH, values)
            after = cursor.fetchone()
