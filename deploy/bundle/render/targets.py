"""Every generated folder and its renderer. A new target is one module and one line in TARGETS."""

from collections.abc import Callable, Mapping
from pathlib import Path

from bundle.model import Stack
from bundle.render import compose, dokploy, host, overlays, reference, swarm, systemd

Renderer = Callable[[Stack], Mapping[str, str]]


def _compose(stack: Stack) -> Mapping[str, str]:
    return {**compose.render(stack), **overlays.render(stack)}


# Each folder is generated as a whole: what is in it and not rendered is an orphan.
TARGETS: dict[Path, Renderer] = {
    Path("deploy/compose"): _compose,
    Path("deploy/dokploy"): dokploy.render,
    Path("deploy/host"): host.render,
    Path("deploy/swarm"): swarm.render,
    Path("deploy/systemd"): systemd.render,
    Path("docs/reference"): reference.render,
}


def files(stack: Stack) -> dict[Path, str]:
    """Render every target."""
    return {folder / name: text for folder, render in TARGETS.items() for name, text in render(stack).items()}
