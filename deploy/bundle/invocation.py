"""What one `make VERB` was asked: the environment of the command, read once, typed, refused early."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bundle.errors import BundleError

DEFAULT_STACK = "ticketing"
RUNTIMES = ("containers", "host")
PARTS = ("backend", "celery")
# Compose accepts no other project names; 40 keeps `<stack>-celery-1` a valid host name (63).
STACK_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Invocation:
    """One stack of one checkout, and the choices of whoever typed the command."""

    root: Path
    stack: str = DEFAULT_STACK
    port: int = 8000
    bind: str = "127.0.0.1"
    tag: str = "local"
    runtime: str = ""
    only: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def run_dir(self) -> Path:
        return self.root / ".run" / self.stack

    @property
    def secrets_dir(self) -> Path:
        return self.run_dir / "secrets"

    @property
    def logs_dir(self) -> Path:
        return self.run_dir / "logs"

    @property
    def lock(self) -> Path:
        """Held by whatever starts, stops or removes this stack."""
        return self.root / ".run" / ".locks" / self.stack

    def command(self, verb: str, arguments: str = "") -> str:
        """Write a command as it must be typed for this stack."""
        named = f" STACK_NAME={self.stack}" if self.stack != DEFAULT_STACK else ""
        return f"make {verb}{named}{f' {arguments}' if arguments else ''}"

    def shown(self, path: Path) -> str:
        """Give a path as a user types it in the checkout."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)


def url(bind: str, port: int | str) -> str:
    """Write what a browser on this machine opens to reach a web that listens there."""
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def read(root: Path, environ: Mapping[str, str]) -> Invocation:
    """Read the variables that `make VERB NAME=value` hands over."""
    return Invocation(
        root=root,
        stack=_stack_name(environ.get("STACK_NAME") or DEFAULT_STACK),
        port=_port(environ.get("WEB_PORT") or "8000"),
        bind=environ.get("WEB_BIND") or "127.0.0.1",
        tag=environ.get("TAG") or "local",
        runtime=_choice(environ, "RUNTIME", RUNTIMES),
        only=_choice(environ, "ONLY", PARTS),
        environ=dict(environ),
    )


def yes(environ: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    """Read a switch such as YES=1 or FOLLOW=0."""
    value = environ.get(name, "").lower()
    if value in ("1", "yes", "true", "on"):
        return True
    if value in ("0", "no", "false", "off"):
        return False
    if value:
        raise BundleError(f"{name}={value!r} is not a yes or no: use {name}=1 or {name}=0.")
    return default


def _stack_name(value: str) -> str:
    if not STACK_NAME.fullmatch(value):
        raise BundleError(
            f"STACK_NAME={value!r} is not accepted: use up to 40 small letters, digits and hyphens, as in ticketing-2."
        )
    return value


def _port(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise BundleError(f"WEB_PORT={value!r} is not a port: use a whole number from 1 to 65535.")
    return int(value)


def _choice(environ: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = environ.get(name, "")
    if value and value not in choices:
        raise BundleError(f"{name}={value!r} is not accepted: use {' or '.join(choices)}.")
    return value
