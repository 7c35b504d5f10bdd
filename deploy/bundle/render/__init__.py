"""Pure renderers: Stack -> files. They read no clock, host, environment or git; the same stack gives the same bytes.

A new target is one module with a function `render(stack) -> Mapping[file name, content]` and one line in TARGETS.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from bundle.model import Stack
from bundle.render import compose, host, reference

Renderer = Callable[[Stack], Mapping[str, str]]
# Each folder is generated as a whole: what is in it and not rendered is an orphan.
TARGETS: dict[Path, Renderer] = {
    Path("deploy/compose"): compose.render,
    Path("deploy/host"): host.render,
    Path("docs/reference"): reference.render,
}


def files(stack: Stack) -> dict[Path, str]:
    """Render every target."""
    return {folder / name: text for folder, render in TARGETS.items() for name, text in render(stack).items()}
