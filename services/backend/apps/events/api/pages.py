"""One page of a list of events, by the place that a cursor names."""

from collections.abc import Callable
from typing import Any

from apps.events.api.schemas import event_key
from apps.events.models import Event, EventQuerySet
from apps.events.selectors import event_page
from core.cursors import cursor_of, page_of, place_of

Tell = Callable[[list[Event]], list[Event]]


def page(rows: EventQuerySet, cursor: str | None, limit: int, *, newest: bool, tell: Tell = list) -> dict[str, Any]:
    after = place_of(cursor, event_key) if cursor else None
    shown, last = page_of(event_page(rows, after=after, limit=limit + 1, newest=newest), limit)
    return {"items": tell(shown), "next_cursor": last and cursor_of(last.starts_at, last.pk)}
