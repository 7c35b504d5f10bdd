"""A place in a list of runs."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Field
from pydantic import AfterValidator

from core.cursors import cursor_of, place_of


def run_cursor(queued_at: datetime, run_id: UUID) -> str:
    return cursor_of(queued_at, run_id)


def run_place(cursor: str) -> tuple[datetime, UUID]:
    """Return the place that the cursor names, or raise ValueError."""
    return place_of(cursor, UUID)


def _checked(cursor: str) -> str:
    run_place(cursor)
    return cursor


RunCursor = Annotated[str, AfterValidator(_checked), Field(description="`next_cursor` of the page before")]
