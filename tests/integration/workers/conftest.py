"""One stack for every promise about types of worker and about watching, started through the front door."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import docker as engine_client
import httpx
import pytest
from docker.models.containers import Container

from tests.integration.stacks import started
from tests.integration.targets.compose import Compose
from tests.servers import free_port


@dataclass
class Varied(Compose):
    """The stack in containers, with optional services."""

    ports: dict[str, int] = field(default_factory=lambda: {"flower": free_port(), "metrics": free_port()})

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, **{f"{name.upper()}_PORT": str(port) for name, port in self.ports.items()}}

    @contextmanager
    def running(self) -> Iterator[None]:
        try:
            self.start(WORKERS="ml=2", PROFILES="flower metrics")
            yield
        finally:
            self.verb("destroy", YES="1")

    def start(self, **words: str) -> str:
        done = self.verb("up", **words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def containers(self, service: str = "") -> list[Container]:
        labels = [f"com.docker.compose.project={self.name}", "com.docker.compose.config-hash"]
        wanted = [*labels, *([f"com.docker.compose.service={service}"] if service else [])]
        return engine_client.from_env().containers.list(all=True, filters={"label": wanted})

    def container(self, service: str) -> Container:
        (found,) = self.containers(service)
        return found

    def password(self, service: str) -> str:
        return (self.run_directory / "secrets" / f"{service}_password").read_text().strip()

    def get(self, service: str, path: str, *, password: str = "") -> httpx.Response:
        login = (service, password) if password else None
        return httpx.get(f"http://127.0.0.1:{self.ports[service]}{path}", auth=login, timeout=20)

    def send(self, queue: str) -> str:
        """Ask for a harmless task through a queue, and return its id."""
        ask = f"from config.celery import app; print(app.send_task('celery.backend_cleanup', queue={queue!r}).id)"
        return self.python(ask).strip()


@pytest.fixture(scope="package")
def stack(docker: None) -> Iterator[Varied]:
    with started(Varied()) as running:
        yield running
