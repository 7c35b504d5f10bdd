"""What one `make VERB` was asked: the environment of the command, read once, typed, refused early."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bundle import optional, overlays
from bundle.errors import BundleError
from bundle.load import load
from bundle.model import Stack
from bundle.rules.services import NAME

SWITCHES = {"1": True, "yes": True, "true": True, "on": True, "0": False, "no": False, "false": False, "off": False}


@dataclass(frozen=True)
class Invocation:
    """One stack of one checkout, and the choices of whoever typed the command."""

    root: Path
    source: Stack
    stack: str
    port: int
    bind: str
    registry: str
    tag: str
    runtime: str
    only: str
    overlays: tuple[str, ...]
    optional: optional.Optional
    environ: Mapping[str, str]

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

    @property
    def publishes(self) -> bool:
        """Tell whether what is asked for has a port of this machine."""
        asked = [self.only] if self.only else self.source.service
        return any(self.source.service[name].port for name in asked)

    @property
    def development(self) -> bool:
        return any(self.source.overlay[name].development for name in self.overlays)

    def published(self, name: str) -> tuple[str, int]:
        """Give address and port of this machine for a published port, by its name in deploy/stack.toml."""
        bind, port = (f"{name.upper()}_{word}" for word in ("BIND", "PORT"))
        return self._given(bind), _port(port, self._given(port))

    def _given(self, name: str) -> str:
        return self.environ.get(name) or _default(self.source, name)

    def secret_file(self, variable: str) -> Path:
        """Find the file of the secret that a variable stands for."""
        return self.secrets_dir / str(self.source.variable[variable].secret)

    def yes(self, name: str) -> bool:
        """Read a switch such as YES=1 or FOLLOW=0."""
        value = self.environ.get(name) or _default(self.source, name)
        if value.lower() not in SWITCHES:
            raise BundleError(f"{name}={value!r} is not a yes or no: use {name}=1 or {name}=0.")
        return SWITCHES[value.lower()]

    def command(self, verb: str, arguments: str = "") -> str:
        """Write a command as it must be typed for this stack."""
        named = f" STACK_NAME={self.stack}" if self.stack != self.source.name else ""
        return f"make {verb}{named}{f' {arguments}' if arguments else ''}"

    def shown(self, path: Path) -> str:
        """Give a path as a user types it in the checkout."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)


def url(bind: str, port: int | str) -> str:
    """Write what a browser on this machine opens to reach a web that listens there."""
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def read(root: Path, environ: Mapping[str, str]) -> Invocation:
    """Read the variables that `make VERB NAME=value` hands over, and the stack of this checkout."""
    return build(load(root), root, environ)


def build(source: Stack, root: Path, environ: Mapping[str, str]) -> Invocation:
    """Take an empty variable as an unset one: the default is the one of deploy/stack.toml.

    `source` becomes the stack as the overlays vary it.
    """

    def given(name: str) -> str:
        return environ.get(name) or _default(source, name)

    chosen = _overlays(source, given("OVERLAY"))
    return Invocation(
        root=root,
        source=overlays.vary(source, chosen),
        stack=_stack_name(given("STACK_NAME")),
        port=_port("WEB_PORT", given("WEB_PORT")),
        bind=given("WEB_BIND"),
        registry=given("REGISTRY").rstrip("/"),
        tag=given("TAG"),
        runtime=_choice("RUNTIME", given("RUNTIME"), source.variable["RUNTIME"].choices),
        only=_choice("ONLY", given("ONLY"), source.variable["ONLY"].choices),
        overlays=chosen,
        optional=optional.read(source, workers_text=given("WORKERS"), profiles_text=given("PROFILES")),
        environ=dict(environ),
    )


def _default(source: Stack, name: str) -> str:
    return source.variable[name].default or ""


def _stack_name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise BundleError(
            f"STACK_NAME={value!r} is not accepted: use up to 40 small letters, digits and hyphens, as in ticketing-2."
        )
    return value


def _port(name: str, value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise BundleError(f"{name}={value!r} is not a port: use a whole number from 1 to 65535.")
    return int(value)


def _choice(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value and value not in choices:
        raise BundleError(f"{name}={value!r} is not accepted: use {' or '.join(choices)}.")
    return value


def _overlays(source: Stack, value: str) -> tuple[str, ...]:
    """Read OVERLAY=dev,external; the order is that of deploy/stack.toml, whatever was typed."""
    asked = {word.strip() for word in value.split(",") if word.strip()}
    if not asked <= source.overlay.keys():
        raise BundleError(f"OVERLAY={value!r} is not accepted: use {' or '.join(source.overlay)}.")
    for name in asked:
        for other in asked & set(source.overlay[name].not_with):
            raise BundleError(f"OVERLAY={value!r} contradicts itself: choose either {name} or {other}.")
    return tuple(name for name in source.overlay if name in asked)
