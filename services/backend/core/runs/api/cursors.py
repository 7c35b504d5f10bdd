"""A place in a list, as clients carry it: opaque, and right however many rows are added above it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Field
from pydantic import AfterValidator

WRONG = "is no cursor of ours: send `next_cursor` as it came"


def run_cursor(queued_at: datetime, run_id: UUID) -> str:
    return urlsafe_b64encode(f"{queued_at.isoformat()} {run_id}".encode()).decode()


def run_place(cursor: str) -> tuple[datetime, UUID]:
    """Return the place that the cursor names, or raise ValueError."""
    try:
        moment, _, run_id = urlsafe_b64decode(cursor).decode().partition(" ")
        queued_at = datetime.fromisoformat(moment)
        if queued_at.utcoffset():
            raise ValueError
        queued_at.timestamp()
        return queued_at, UUID(run_id)
    except ValueError:
        raise ValueError(WRONG) from None


def _checked(cursor: str) -> str:
    run_place(cursor)
    return cursor


RunCursor = Annotated[str, AfterValidator(_checked), Field(description="`next_cursor` of the page before")]
