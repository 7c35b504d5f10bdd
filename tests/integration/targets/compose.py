"""One host with Docker: our own images by testcontainers, from the rendered file."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

import docker
import yaml
from testcontainers.compose import DockerCompose

from bundle.containers import engine
from tests.integration import clock
from tests.integration.stacks import ROOT, Stack

DIRECTORY = ROOT / "deploy" / "compose"
PRELOADED = Path("/opt/libfaketime.so.1")
DIAL = Path("/opt/dial")


@dataclass
class Compose(Stack):
    """The stack in containers."""

    runtime: ClassVar[str] = "containers"
    lead_seconds: ClassVar[int] = 180
    # Scaling out doubles no chore.
    hour_workers: ClassVar[int] = 2

    def prepare(self) -> None:
        for verb in ("secrets", "images"):
            done = self.verb(verb)
            assert done.returncode == 0, done.stdout + done.stderr

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start from the rendered file and an overlay that says only what differs."""
        self.prepare()
        with tempfile.TemporaryDirectory() as directory:
            files = [str(DIRECTORY / "compose.yaml"), str(write_overlay(self, Path(directory)))]
            environment = self.compose_environment | compose_on_path(Path(directory))
            compose = DockerCompose(str(DIRECTORY), compose_file_name=files, wait=True)
            try:
                with patch.dict(os.environ, environment, clear=True):
                    compose.start()
                # Other tests run meanwhile, and find the environment as it was.
                yield
            finally:
                with patch.dict(os.environ, environment, clear=True):
                    compose.stop()

    def restart_worker(self) -> None:
        """Kill the worker's container, and start it again."""
        with closing(docker.from_env()) as client:
            for container in self._workers(client):
                container.kill()
                container.wait()
                container.start()

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Have no worker and no beat for the block: their container is killed, and started again after it."""
        with closing(docker.from_env()) as client:
            containers = self._workers(client)
            for container in containers:
                container.kill()
                container.wait()
            try:
                yield
            finally:
                for container in containers:
                    container.start()

    def _workers(self, client: docker.DockerClient) -> list[Any]:
        found: list[Any] = client.containers.list(all=True, filters={"name": f"^{self.name}-celery"})
        assert found, f"no worker of {self.name}"
        return found

    @property
    def outside(self) -> str:
        """An address of this machine that the stack's containers reach: its end of the engine's own bridge."""
        with closing(docker.from_env()) as client:
            network = client.networks.get("bridge").attrs["IPAM"]["Config"][0]
        return str(network.get("Gateway") or next(ip_network(network["Subnet"]).hosts()))

    @property
    def compose_environment(self) -> dict[str, str]:
        own = {"SECRETS_DIR": str(self.run_directory / "secrets"), "COMPOSE_PROJECT_NAME": self.name}
        return {**self.environment, **own, "DOCKER_BUILDKIT": "1"}


def write_overlay(stack: Stack, directory: Path) -> Path:
    """Write the difference to the rendered file: more workers, and the shifted clock."""
    services: dict[str, Any] = {name: shifted(stack) for name in ("db", "migrate", "backend", "celery")}
    services["celery"]["scale"] = stack.workers
    path = directory / "overlay.yaml"
    path.write_text(yaml.safe_dump({"services": services}), encoding="utf-8")
    return path


def shifted(stack: Stack) -> dict[str, Any]:
    """Say what shifts the clock of one service that reads it.

    Redis is left alone: no message waits for a time there, and its allocator (jemalloc) cannot start under libfaketime.
    """
    environment = stack.shift.environment(PRELOADED)
    if not environment:
        return {}
    volumes = [f"{clock.library()}:{PRELOADED}:ro"]
    if isinstance(stack.shift, clock.Dial):
        # A turn is no silence of the worker's: its last stamp only looks old.
        environment |= {"FAKETIME_TIMESTAMP_FILE": f"{DIAL}/offset", "HEARTBEAT_GIVE_UP_SECONDS": "1000000000"}
        volumes.append(f"{stack.shift.directory}:{DIAL}:ro")
    return {"environment": environment, "volumes": volumes}


def compose_on_path(directory: Path) -> dict[str, str]:
    """Make `docker compose` the Compose v2 that the product itself would use (testcontainers calls that name)."""
    program = engine.compose(ROOT, os.environ)
    if program == ("docker", "compose"):
        return {}
    plugins = directory / "docker" / "cli-plugins"
    plugins.mkdir(parents=True)
    (plugins / "docker-compose").symlink_to(program[0])
    return {"DOCKER_CONFIG": str(directory / "docker")}
