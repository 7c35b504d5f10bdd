"""A place in a list that is ordered by a time and a key, as clients carry it: opaque, and right whatever is added."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

Key = TypeVar("Key")
Row = TypeVar("Row")
WRONG = "is no cursor of ours: send `next_cursor` as it came"


def cursor_of(moment: datetime, key: object) -> str:
    return urlsafe_b64encode(f"{moment.isoformat()} {key}".encode()).decode()


def place_of(cursor: str, kind: Callable[[str], Key]) -> tuple[datetime, Key]:
    """Return the place that the cursor names, its key read by `kind`, or raise ValueError."""
    try:
        text, _, key = urlsafe_b64decode(cursor).decode().partition(" ")
        moment = datetime.fromisoformat(text)
        if moment.utcoffset():
            raise ValueError
        moment.timestamp()
        return moment, kind(key)
    except ValueError:
        raise ValueError(WRONG) from None


def page_of(found: list[Row], limit: int) -> tuple[list[Row], Row | None]:
    """Given one row more than asked, return the page, and its last row if there is a next one: nothing is counted."""
    return found[:limit], found[limit - 1] if len(found) > limit else None
