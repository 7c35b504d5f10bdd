"""A stack with overlays, started, asked and removed as a user does it: by the verbs of `make`."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import docker as engine_client
from docker.models.containers import Container

from tests.integration.stacks import ROOT, Stack


@dataclass
class FrontDoor(Stack):
    """One stack of one checkout; only `up` is told about overlays, the other verbs must find them."""

    runtime: ClassVar[str] = "containers"
    lead_seconds: ClassVar[int] = 180

    overlay: str = ""
    given: dict[str, str] = field(default_factory=dict)
    root: Path = ROOT

    def verb(self, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "bundle", *words]
        environment = {**self.environment, **variables}
        return subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False)

    @property
    def run_directory(self) -> Path:
        return self.root / ".run" / self.name

    def start(self, **variables: str) -> "subprocess.CompletedProcess[str]":
        return self.verb("up", RUNTIME=self.runtime, **{"OVERLAY": self.overlay, **self.given, **variables})

    def up(self) -> str:
        done = self.start()
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def running(self) -> Iterator[None]:
        try:
            self.up()
            yield
        finally:
            self.destroy()

    def destroy(self) -> None:
        self.verb("destroy", YES="1")

    def container(self, service: str) -> Container:
        labels = [f"com.docker.compose.project={self.name}", f"com.docker.compose.service={service}"]
        (found,) = engine_client.from_env().containers.list(all=True, filters={"label": labels})
        return found

    def left(self) -> list[str]:
        """Name what bears this stack's label: containers, networks, volumes."""
        client = engine_client.from_env()
        label = {"label": f"com.docker.compose.project={self.name}"}
        kinds = (client.containers.list(all=True, filters=label), client.networks.list(filters=label))
        return [str(one.name) for kind in (*kinds, client.volumes.list(filters=label)) for one in kind]
