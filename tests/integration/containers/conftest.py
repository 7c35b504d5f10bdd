"""One stack in containers for every promise about containers."""

from collections.abc import Iterator

import docker as engine_client
import pytest
from docker.models.containers import Container

from tests.integration.stacks import Stack, started


class Containers(dict[str, Container]):
    """The stack's containers by service, as they are when asked."""

    def __init__(self, stack: Stack) -> None:
        super().__init__()
        self.stack = stack
        self.client = engine_client.from_env()

    def __missing__(self, service: str) -> Container:
        labels = [f"com.docker.compose.project={self.stack.name}", f"com.docker.compose.service={service}"]
        (found,) = self.client.containers.list(all=True, filters={"label": labels})
        return found


@pytest.fixture(scope="module")
def stack(docker: None) -> Iterator[Stack]:
    with started(Stack("containers")) as running:
        yield running


@pytest.fixture
def services(stack: Stack) -> Containers:
    return Containers(stack)
