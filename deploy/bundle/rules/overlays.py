"""Overlays vary what is there, and only in ways that hold together."""

import os
from collections.abc import Iterator
from pathlib import Path

from bundle import overlays
from bundle.model import Overlay, Stack
from bundle.rules.known import unknown
from bundle.rules.services import NAME, RUNBOOKS


def overlays_name_what_is_there(stack: Stack, root: Path) -> Iterator[str]:
    for name, overlay in stack.overlay.items():
        place = f"overlay.{name}"
        if not NAME.fullmatch(name):
            yield f"{place}: not a name of a file; use small letters, digits and hyphens"
        for key in ("images", "without", "networks", "source"):
            yield from unknown(f"{place}.{key}", getattr(overlay, key), stack.service)
        yield from unknown(f"{place}.images", overlay.images.values(), stack.image)
        yield from unknown(f"{place}.networks", overlay.networks.values(), stack.network)
        yield from unknown(f"{place}.not_with", overlay.not_with, stack.overlay)
        yield from _variables(stack, overlay, place)


def _variables(stack: Stack, overlay: Overlay, place: str) -> Iterator[str]:
    files = [f"{one.name}{overlays.FILE}" for one in stack.variable.values() if one.secret]
    for key in ("values", "tunable"):
        yield from unknown(f"{place}.{key}", getattr(overlay, key), stack.variable)
    yield from unknown(f"{place}.required", overlay.required, [*stack.variable, *files])
    for name in (*overlay.values, *overlay.tunable, *overlay.required):
        variable = stack.variable.get(name)
        if variable and (variable.secret or variable.sensitive):
            yield f"{place}: {name} is a secret, which a start gives as a file only; write {name}_FILE in `required`"


def wrappers_are_executable(stack: Stack, root: Path) -> Iterator[str]:
    for name, overlay in stack.overlay.items():
        if overlay.wrapper and not os.access(root / overlay.wrapper[0], os.X_OK):
            yield f"overlay.{name}.wrapper: {overlay.wrapper[0]} is not an executable file in the tree; write it"


def runbooks_exist(stack: Stack, root: Path) -> Iterator[str]:
    for name, overlay in stack.overlay.items():
        if overlay.runbook and not (root / RUNBOOKS / overlay.runbook).is_file():
            yield f"overlay.{name}.runbook: {RUNBOOKS}/{overlay.runbook} is not in the tree; write it"


RULES = (overlays_name_what_is_there, wrappers_are_executable, runbooks_exist)
