"""Build the images when what they are made of has changed, and only then."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from bundle import locking, sources, terminal
from bundle.containers import commands
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.model import Stack
from bundle.process import capture, stream

# What a Dockerfile of ours can copy, and what tells Compose how to build.
BASE = "base"
SOURCES = ("services", "requirements", "entrypoints", "deploy/compose", ".dockerignore")
# The part of it that a checkout does not bring when it is mounted over the images' code.
BELOW_THE_CODE = (
    "requirements",
    *(f"services/{name}" for name in ("base", "postgres", "redis", "metrics", "flower")),
    *(f"services/{name}/Dockerfile" for name in ("backend", "celery")),
    ".dockerignore",
)
STAMPED = {SOURCES: "sources", BELOW_THE_CODE: "below"}


@dataclass(frozen=True)
class Recipe:
    """Which images are built, and for which services, in rounds: an image comes after those that it is FROM."""

    names: tuple[str, ...]
    rounds: tuple[tuple[str, ...], ...]


def recipe(stack: Stack, registry: str, tag: str, optional: Collection[str] = ()) -> Recipe:
    """Read it from the stack: an image with a reference is somebody else's and is pulled.

    The image of an optional service is built when that service is named.
    """
    built: dict[str, str] = {}
    for service in stack.service.values():
        wanted = not service.profile or service.name in optional
        if stack.image[service.image].dockerfile and not service.one_shot and wanted:
            built.setdefault(service.image, service.name)
    depths = sorted({_depth(stack, image) for image in built})
    rounds = tuple(tuple(built[image] for image in built if _depth(stack, image) == depth) for depth in depths)
    return Recipe(tuple(f"{registry}/{image}:{tag}" for image in built), rounds)


def _depth(stack: Stack, image: str) -> int:
    """Count the images that must be built before this one."""
    return max((1 + _depth(stack, below) for below in stack.image[image].builds_on), default=0)


def ensure(
    invocation: Invocation, compose: commands.Compose, environ: dict[str, str], optional: Collection[str] = ()
) -> bool:
    """Build the base and the images; False when they were already made of exactly these sources.

    For development the code in them does not matter: unfinished work must neither be built nor fail a build.
    """
    # Two starts at once would race for the names.
    with locking.held(invocation.root / ".run" / ".locks" / f".images-{invocation.tag}"):
        return _ensure(invocation, compose, environ, optional)


def _ensure(
    invocation: Invocation, compose: commands.Compose, environ: dict[str, str], optional: Collection[str]
) -> bool:
    made = recipe(invocation.source, invocation.registry, invocation.tag, optional)
    known = _known(invocation, BELOW_THE_CODE if invocation.development else SOURCES)
    if _identities(made, environ) == {name: known.get(name) for name in made.names}:
        return False
    _base(invocation, environ)
    with terminal.step("Building the images (the first time takes minutes)"):
        for services in made.rounds:
            _build(compose.build(services, progress=_progress()), environ, invocation.root)
    remember(invocation, environ, optional)
    return True


def remember(invocation: Invocation, environ: dict[str, str], optional: Collection[str] = ()) -> None:
    """Note that the images, as they are now, are made of these sources; others that were made of them stay known."""
    made = recipe(invocation.source, invocation.registry, invocation.tag, optional)
    digests = {key: sources.digest(invocation.root, places) for places, key in STAMPED.items()}
    stamp = {**digests, "images": _known(invocation, SOURCES) | _identities(made, environ)}
    path = _stamp_path(invocation)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(stamp) + "\n", encoding="utf-8")


def named_here(invocation: Invocation, image: str) -> str:
    """Give the name that this start has for an image that was built with another REGISTRY and TAG."""
    short = image.rpartition("/")[2].partition(":")[0]
    return f"{invocation.registry}/{short}:{invocation.tag}"


def base(invocation: Invocation) -> str:
    return f"{invocation.registry}/{BASE}:{invocation.tag}"


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


def _known(invocation: Invocation, places: tuple[str, ...]) -> dict[str, str]:
    """Give the ids of the images that were made of exactly what is there now."""
    try:
        stamp = json.loads(_stamp_path(invocation).read_text(encoding="utf-8"))
        return dict(stamp["images"]) if stamp[STAMPED[places]] == sources.digest(invocation.root, places) else {}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _identities(made: Recipe, environ: dict[str, str]) -> dict[str, str]:
    """Give the id of every image, or nothing when one is missing."""
    result = capture(commands.image_ids(made.names), env=environ)
    return dict(zip(made.names, result.out.split(), strict=True)) if result.ok else {}
