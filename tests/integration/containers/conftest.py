"""One stack in containers for every promise about containers."""

from collections.abc import Iterator

import docker as engine_client
import pytest
from docker.models.containers import Container

from bundle.containers import commands
from tests.integration.stacks import Stack, started
from tests.integration.targets.compose import Compose


class Containers(dict[str, Container]):
    """The stack's containers by service, as they are when asked."""

    def __init__(self, stack: Stack) -> None:
        super().__init__()
        self.stack = stack
        self.client = engine_client.from_env()

    def __missing__(self, service: str) -> Container:
        # Whatever else is run from an image that Compose built has the first two labels as well.
        own = {commands.PROJECT_LABEL: self.stack.name, commands.SERVICE_LABEL: service}
        labels = [*(f"{label}={value}" for label, value in own.items()), commands.CONFIG_LABEL]
        (found,) = self.client.containers.list(all=True, filters={"label": labels})
        return found


@pytest.fixture(scope="module")
def stack(docker: None) -> Iterator[Stack]:
    with started(Compose()) as running:
        yield running


@pytest.fixture
def services(stack: Stack) -> Containers:
    return Containers(stack)
