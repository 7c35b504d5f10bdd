"""A card of what time takes next: counted by the rows' hints; the rule itself speaks for those shown."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.formats import localize

from core.overview.cards import COUNTED, Card, Line, counted
from core.schedules.foresight import NextAction

LINES = 5


def at_its_time(foretold: NextAction) -> str:
    return localize(foretold.at) if foretold.at else foretold.why


def upcoming(  # noqa: PLR0913  # a card, and where its rows come from
    title: str,
    *,
    hinted: QuerySet[Any],
    read: QuerySet[Any],
    foretell: Callable[[list[Any]], list[Any]],
    some: str,
    nothing: str,
    filters: str = "",
    say: Callable[[NextAction], str] = at_its_time,
) -> Card:
    """`hinted` is in the order of the hints' index; `read` reads a row as `foretell` wants it."""
    ids = list(hinted.values_list("pk", flat=True)[: COUNTED + 1])
    first = read.in_bulk(ids[:LINES])
    lines = [_line(row, say) for row in foretell([first[key] for key in ids[:LINES] if key in first])]
    return Card(title, counted(ids), some if ids else nothing, _page(hinted.model, "changelist") + filters, "", lines)


def _line(row: Any, say: Callable[[NextAction], str]) -> Line:
    return Line(str(row), _page(type(row), "change", row.pk), say(row.next_action))


def _page(model: type[Model], what: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)
