"""The overlays of a project: which lie on compose.yaml, and what a start must give them.

They are remembered where they matter, on the containers: Compose writes the files that made a container into a label.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from bundle import overlays
from bundle.containers import engine
from bundle.containers.state import Container
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.model import Stack

FOLDER = Path("deploy/compose")
FILE = FOLDER / "compose.yaml"
NAME = re.compile(r"compose\.([a-z0-9-]+)\.yaml")
# `!reset` and `!override`, in the form in which the overlays use them.
COMPOSE_AT_LEAST = (2, 24)
# Compose wants a value for what only a start needs.
NOT_GIVEN = "/dev/null"


def files(root: Path, names: Sequence[str]) -> tuple[Path, ...]:
    return tuple(root / FOLDER / f"compose.{name}.yaml" for name in names)


def remembered(source: Stack, found: Sequence[Container]) -> tuple[str, ...]:
    """Read from the containers' labels which overlays made them."""
    made_of = {Path(file).name for container in found for file in container.files}
    names = {match[1] for match in map(NAME.fullmatch, made_of) if match}
    return tuple(name for name in source.overlay if name in names)


def refuse(invocation: Invocation, found: Sequence[Container], program: tuple[str, ...]) -> None:
    """Refuse other overlays than those that run, an old Compose, and values that are missing or wrong."""
    runs = remembered(invocation.source, found)
    if found and runs != invocation.overlays:
        was = f"OVERLAY={','.join(runs)}" if runs else "no OVERLAY"
        raise BundleError(
            f"{invocation.stack} was started with {was}: repeat it so, or end that first with"
            f" `{invocation.command('down')}`."
        )
    if invocation.overlays and engine.version(program, invocation.environ) < COMPOSE_AT_LEAST:
        wanted = ".".join(map(str, COMPOSE_AT_LEAST))
        raise BundleError(f"OVERLAY needs Compose {wanted} or newer, and {' '.join(program)} is older: update it.")
    refuse_missing(invocation)
    _refuse_public(invocation)


def refuse_missing(invocation: Invocation) -> None:
    """Refuse an overlay without what it needs."""
    for name in invocation.overlays:
        missing = [each for each in invocation.source.overlay[name].required if not invocation.environ.get(each)]
        if missing:
            raise BundleError(
                f"OVERLAY={name} needs {', '.join(missing)}: give it as in"
                f" `{invocation.command('up', f'OVERLAY={name} {missing[0]}=...')}`."
            )
    for variable, file in given_files(invocation, invocation.overlays).items():
        if not Path(file).is_file():
            raise BundleError(f"{variable}={invocation.environ[variable]!r} is no file that can be read: correct it.")


def _refuse_public(invocation: Invocation) -> None:
    if invocation.development and invocation.bind not in ("127.0.0.1", "localhost"):
        raise BundleError(
            f"WEB_BIND={invocation.bind} would show tracebacks and settings to others, which a development overlay"
            " never does: leave WEB_BIND out."
        )


def given_files(invocation: Invocation, names: Sequence[str]) -> dict[str, str]:
    """Give every file that a start names, absolute: Compose would look from its own folder."""
    source = invocation.source
    variables = [
        variable
        for overlay in (source.overlay[name] for name in names)
        for variable in (
            *overlays.secrets_given(source, overlay).values(),
            *(one.name for one in overlays.files_given(source, overlay)),
        )
    ]
    environ = invocation.environ
    return {name: str(invocation.root / environ[name]) for name in variables if environ.get(name)}


def environment(invocation: Invocation, names: Sequence[str]) -> dict[str, str]:
    """Build what Compose puts in the place of the overlays' variables."""
    required = [each for name in names for each in invocation.source.overlay[name].required]
    absent = {name: NOT_GIVEN for name in required if not invocation.environ.get(name)}
    return {**absent, **given_files(invocation, names)}
