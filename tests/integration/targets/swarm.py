"""A swarm of one node, through the front door: `docker stack deploy` of the rendered stack, phase after phase."""

import fcntl
import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from bundle.render import swarm_stack
from bundle.swarm import nodes
from tests.integration import clock
from tests.integration.stacks import Stack, outside_environment
from tests.integration.targets.compose import PRELOADED

# Whoever tests with a swarm holds this: an engine is in one swarm at most.
LOCK = Path(tempfile.gettempdir()) / "deskbeat-swarm.lock"
# The engine makes it with its first swarm and leaves it with none.
GATEWAY = "docker_gwbridge"
SHIFTED = ("db", "migrate", "backend", "celery")


@dataclass
class Swarm(Stack):
    """The stack as services of a swarm."""

    runtime: ClassVar[str] = "swarm"
    lead_seconds: ClassVar[int] = 240
    # Scaling out doubles no chore.
    hour_workers: ClassVar[int] = 2

    # The difference to what is rendered, in the words of a stack file.
    overlay: dict[str, dict[str, Any]] = field(default_factory=dict)
    directory: Path | None = None

    @property
    def environment(self) -> dict[str, str]:
        return {"WORKERS": str(self.workers), **super().environment}

    def prepare(self) -> None:
        done = self.verb("images")
        assert done.returncode == 0, done.stdout + done.stderr

    @contextmanager
    def running(self) -> Iterator[None]:
        with a_swarm(), tempfile.TemporaryDirectory() as directory:
            self.directory = Path(directory)
            self.settings["SWARM_OVERLAY"] = str(self.write_overlay())
            try:
                self.up()
                yield
            finally:
                self.verb("destroy", YES="1")

    def write_overlay(self) -> Path:
        services = {name: shifted(self) for name in SHIFTED} | self.overlay
        assert self.directory is not None
        path = self.directory / "overlay.json"
        path.write_text(json.dumps({"version": swarm_stack.VERSION, "services": services}), encoding="utf-8")
        return path


def shifted(stack: Stack) -> dict[str, Any]:
    """Say what shifts the clock of one service."""
    if not stack.shift.seconds:
        return {}
    library = {"type": "bind", "source": str(clock.library()), "target": str(PRELOADED), "read_only": True}
    return {"environment": stack.shift.environment(PRELOADED), "volumes": [library]}


@contextmanager
def a_swarm() -> Iterator[None]:
    """Use the swarm that this engine is in; else make one, and leave it afterwards."""
    with LOCK.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if nodes.membership(outside_environment()).manager:
            yield
            return
        bridged = GATEWAY in networks()
        docker("swarm", "init", "--advertise-addr", "127.0.0.1")
        try:
            yield
        finally:
            docker("swarm", "leave", "--force")
            if not bridged and GATEWAY in networks():
                docker("network", "rm", GATEWAY)


def networks() -> list[str]:
    return docker("network", "ls", "--format", "{{.Name}}").splitlines()


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout
