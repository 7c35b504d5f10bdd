"""What the overview is made of: each app says in its `overview.py` what a person should know of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.http import HttpRequest

from core.clock import database_now

# What a figure counts at most: beyond it, "many" is all that a person needs to know.
COUNTED = 100


@dataclass(frozen=True)
class Line:
    text: str
    link: str = ""
    note: str = ""


@dataclass(frozen=True)
class Card:
    """One figure with its meaning. `tone` is success, warning, danger or nothing; `link` leads to what was counted."""

    title: str
    figure: str
    words: str
    link: str = ""
    tone: str = ""
    lines: Sequence[Line] = ()


@dataclass(frozen=True)
class CardSource:
    """One entry of an app's CARDS; it is asked only for who has the permission. The lowest `place` comes first."""

    place: int
    permission: str
    card: Callable[[datetime], Card]


def counted(rows: Sequence[Any]) -> str:
    """Say how many there are, when at most COUNTED + 1 were read."""
    return f"more than {COUNTED}" if len(rows) > COUNTED else str(len(rows))


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's dashboard callback."""
    now = database_now()
    sources = [source for source in _sources() if request.user.has_perm(source.permission)]
    return {**context, "cards": [source.card(now) for source in sorted(sources, key=lambda source: source.place)]}


def _sources() -> Iterator[CardSource]:
    for config in apps.get_app_configs():
        name = f"{config.name}.overview"
        if config.name.startswith(("apps.", "core.")) and find_spec(name):
            yield from import_module(name).CARDS
