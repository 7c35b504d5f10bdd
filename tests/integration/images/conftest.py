"""The database and broker images, built from this checkout by the engine that answers."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from docker import DockerClient

from bundle.containers import engine
from tests.integration.images.server import Starter

ROOT = Path(__file__).resolve().parents[3]
TAG = os.environ.get("TAG") or "local"


@pytest.fixture(scope="session")
def client(docker: None) -> Iterator[DockerClient]:
    client = DockerClient.from_env()
    yield client
    client.close()


@pytest.fixture(scope="session")
def built(docker: None) -> None:
    """Build as `make up` does; layers that are there are not built again."""
    base = [str(ROOT / "services/base/build.sh"), f"deskbeat/base:{TAG}"]
    compose = [*engine.compose(ROOT, os.environ), "--file", str(ROOT / "deploy/compose/compose.yaml")]
    for command in (base, [*compose, "build", "--quiet", "db", "redis"]):
        subprocess.run(command, check=True, cwd=ROOT)


@pytest.fixture(scope="session")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return what writes a secret into a file that any uid can read."""

    def write(text: str) -> Path:
        file = tmp_path_factory.mktemp("secrets") / "password"
        file.write_text(f"{text}\n")
        file.chmod(0o444)
        return file

    return write


@pytest.fixture(scope="session")
def starting(client: DockerClient, built: None) -> Callable[..., AbstractContextManager[Starter]]:
    """Return what starts containers of an image for the length of a block."""

    @contextmanager
    def block(image: str, **hardening: object) -> Iterator[Starter]:
        starter = Starter(client, f"deskbeat/{image}:{TAG}", **hardening)
        try:
            yield starter
        finally:
            starter.remove()

    return block
