"""Published ports of this node: Swarm publishes on every address only, so a container stands before a service."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from bundle.containers import state
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.model import Port, Service
from bundle.process import capture
from bundle.swarm import commands
from bundle.swarm.state import listed

PROGRAM = Path(__file__).with_name("forward.py")
# The image that has a Python to run it.
IMAGE = "backend"
MEMORY, PIDS = "64m", "16"


@dataclass(frozen=True)
class Relay:
    """What stands between one port of this node and one service."""

    invocation: Invocation
    service: Service
    port: Port

    @property
    def name(self) -> str:
        return f"{self.invocation.stack}-{self.service.name}-relay"

    @property
    def _line(self) -> list[str]:
        """Start it as closed as the services are, and on the public network only."""
        asked, uid = self.invocation, self.invocation.source.image[IMAGE].uid
        bind, port = asked.published(self.port.name)
        address = f"[{bind}]" if ":" in bind else bind
        rotation = asked.source.logging
        return [
            *("docker", "run", "--detach", "--name", self.name, "--restart", "unless-stopped", "--init"),
            *("--network", f"{asked.stack}-public", "--publish", f"{address}:{port}:{self.port.container}"),
            *("--user", f"{uid}:{uid}", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true"),
            *("--memory", MEMORY, "--pids-limit", PIDS, "--no-healthcheck"),
            *("--log-opt", f"max-size={rotation.max_size_mb}m", "--log-opt", f"max-file={rotation.max_files}"),
            *(
                "--label",
                f"{commands.RELAY_LABEL}={asked.stack}",
                "--label",
                f"{commands.TARGET_LABEL}={self.service.name}",
            ),
        ]

    @property
    def _told(self) -> list[str]:
        behind = f"tasks.{self.invocation.stack}_{self.service.name}"
        return ["-c", PROGRAM.read_text(encoding="utf-8"), str(self.port.container), behind, str(self.port.container)]

    @property
    def digest(self) -> str:
        """Tell relays that do the same from others; of which release the image is makes no difference."""
        return hashlib.sha256("\0".join([*self._line, *self._told]).encode()).hexdigest()[:12]

    def run(self, image: str) -> list[str]:
        return [
            *self._line,
            "--label",
            f"{commands.DIGEST_LABEL}={self.digest}",
            "--entrypoint",
            "python",
            image,
            *self._told,
        ]

    def same(self, there: state.Container | None) -> bool:
        return bool(
            there and there.running and there.facts["Config"]["Labels"].get(commands.DIGEST_LABEL) == self.digest
        )


def find(stack: str, environ: Mapping[str, str]) -> dict[str, state.Container]:
    """Give the relays of this node by the service behind them."""
    found = [state.Container(facts) for facts in listed("container", commands.relays(stack), environ)]
    return {str(one.facts["Config"]["Labels"][commands.TARGET_LABEL]): one for one in found}


def wanted(invocation: Invocation, services: Collection[str]) -> list[Relay]:
    """Say which of these services this node is to publish: not what the mesh publishes on every node."""
    meshed = invocation.yes("WEB_MESH")
    found = [invocation.source.service[name] for name in services]
    return [
        Relay(invocation, one, next(iter(one.port.values())))
        for one in found
        if one.port and (one.profile or not meshed)
    ]


def ensure(relays: list[Relay], image: str, stack: str, environ: Mapping[str, str]) -> None:
    """Start what is not there yet, and remove what is there and no longer wanted."""
    there = find(stack, environ)
    kept = {relay.service.name for relay in relays if relay.same(there.get(relay.service.name))}
    _remove([one.id for name, one in there.items() if name not in kept], environ)
    for relay in relays:
        if relay.service.name not in kept:
            _start(relay, image, environ)


def _start(relay: Relay, image: str, environ: Mapping[str, str]) -> None:
    result = capture(relay.run(image), env=environ)
    if not result.ok:
        _remove([relay.name], environ)
        bind, port = relay.invocation.published(relay.port.name)
        raise BundleError(f"{relay.service.name} runs, but cannot be published at {bind}:{port}: {result.last_words}")


def remove(stack: str, environ: Mapping[str, str]) -> None:
    _remove([one.id for one in find(stack, environ).values()], environ)


def _remove(names: list[str], environ: Mapping[str, str]) -> None:
    if names:
        capture(commands.remove_containers(names), env=environ)
