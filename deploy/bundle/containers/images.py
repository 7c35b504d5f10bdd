"""Build the images when what they are made of has changed, and only then."""

import json
from dataclasses import dataclass
from pathlib import Path

from bundle import sources, terminal
from bundle.containers import commands
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.model import Stack
from bundle.process import capture, stream

# What a Dockerfile of ours can copy, and what tells Compose how to build.
BASE = "base"
SOURCES = ("services", "requirements", "entrypoints", "deploy/compose", ".dockerignore")


@dataclass(frozen=True)
class Recipe:
    """Which images are built, and for which services, in rounds: an image comes after those that it is FROM."""

    names: tuple[str, ...]
    rounds: tuple[tuple[str, ...], ...]


def recipe(stack: Stack, tag: str) -> Recipe:
    """Read it from the stack: an image with a reference is somebody else's and is pulled."""
    built: dict[str, str] = {}
    for service in stack.service.values():
        if stack.image[service.image].dockerfile and not service.one_shot:
            built.setdefault(service.image, service.name)
    depths = sorted({_depth(stack, image) for image in built})
    rounds = tuple(tuple(built[image] for image in built if _depth(stack, image) == depth) for depth in depths)
    return Recipe(tuple(f"{stack.product}/{image}:{tag}" for image in built), rounds)


def _depth(stack: Stack, image: str) -> int:
    """Count the images that must be built before this one."""
    return max((1 + _depth(stack, below) for below in stack.image[image].builds_on), default=0)


def ensure(invocation: Invocation, compose: commands.Compose, environ: dict[str, str]) -> bool:
    """Build the base and the four images; False when they were already made of exactly these sources."""
    made = recipe(invocation.source, invocation.tag)
    wanted = sources.digest(invocation.root, SOURCES)
    if _stamp(invocation) == {"sources": wanted, "images": _identities(made, environ)}:
        return False
    _base(invocation, environ)
    with terminal.step("Building the images (the first time takes minutes)"):
        for services in made.rounds:
            _build(compose.build(services, progress=_progress()), environ, invocation.root)
    stamp = {"sources": wanted, "images": _identities(made, environ)}
    _stamp_path(invocation).write_text(json.dumps(stamp) + "\n", encoding="utf-8")
    return True


def base(invocation: Invocation) -> str:
    return f"{invocation.source.product}/{BASE}:{invocation.tag}"


def base_command(invocation: Invocation) -> list[str]:
    return [str(invocation.root / str(invocation.source.image[BASE].script)), base(invocation)]


def _base(invocation: Invocation, environ: dict[str, str]) -> None:
    command = base_command(invocation)
    if capture(commands.inspect_image(command[-1]), env=environ).ok:
        return
    with terminal.step(f"Making the base image {command[-1]}"):
        _build(command, environ, invocation.root)


def _build(command: list[str], environ: dict[str, str], root: Path) -> None:
    """Show the build as it goes on a terminal; in a log show its end only when it fails."""
    if terminal.interactive():
        code, words = stream(command, env=environ, cwd=root), ""
    else:
        result = capture(command, env=environ, cwd=root)
        code, words = result.code, "\n".join((result.out + result.err).splitlines()[-30:])
    if code:
        raise BundleError(
            *filter(None, [words, "The images could not be built: the reason stands above; nothing was started."])
        )


def _progress() -> str:
    return "auto" if terminal.interactive() else "plain"


def _stamp_path(invocation: Invocation) -> Path:
    """Images belong to a tag, not to a stack: two stacks of one checkout share them."""
    return invocation.root / ".run" / f".images-{invocation.tag}.json"


def _stamp(invocation: Invocation) -> object:
    try:
        return json.loads(_stamp_path(invocation).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _identities(made: Recipe, environ: dict[str, str]) -> list[str]:
    """Give the id of every image, or nothing when one is missing."""
    result = capture(commands.image_ids(made.names), env=environ)
    return result.out.split() if result.ok else []
