"""What no type can say. A rule yields one sentence for each place where it is broken: place, cause, next step."""

from collections.abc import Callable, Iterator
from pathlib import Path

from bundle.model import Stack
from bundle.rules import (
    differences,
    environment,
    forms,
    images,
    overlays,
    ports,
    programs,
    resources,
    services,
    times,
    units,
)

Rule = Callable[[Stack, Path], Iterator[str]]
RULES: tuple[Rule, ...] = (
    *times.RULES,
    *images.RULES,
    *services.RULES,
    *ports.RULES,
    *resources.RULES,
    *programs.RULES,
    *forms.RULES,
    *units.RULES,
    *overlays.RULES,
    *environment.RULES,
    *differences.RULES,
)


def broken(stack: Stack, root: Path) -> list[str]:
    """List every broken rule; `root` is the checkout, where Dockerfiles, runbooks and entrypoints are looked up."""
    return [sentence for rule in RULES for sentence in rule(stack, root)]
