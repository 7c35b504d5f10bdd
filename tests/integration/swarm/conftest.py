"""One stack on a swarm for every promise about updates and about what Swarm can say."""

from collections.abc import Iterator

import docker as engine_client
import pytest
from docker.models.containers import Container

from bundle.swarm import commands, state
from tests.integration.stacks import outside_environment, started
from tests.integration.targets.swarm import Swarm
from tests.waiting import poll


class Services:
    """The stack's services and their containers, as they are when asked."""

    def __init__(self, stack: Swarm) -> None:
        self.stack = stack
        self.client = engine_client.from_env()

    def __getitem__(self, name: str) -> Container:
        """Return the one container of a service that runs."""
        (found,) = self.running(name)
        return found

    def running(self, name: str) -> list[Container]:
        label = f"{commands.SERVICE_LABEL}={self.stack.name}_{name}"
        return self.client.containers.list(filters={"label": label})

    def state(self, name: str) -> state.Service:
        found = state.services(commands.Swarm(self.stack.name), outside_environment())
        return next(service for service in found if service.name == name)

    def settled(self, name: str) -> None:
        poll(
            lambda: len(self.state(name).up_to_date) == self.state(name).replicas, what=f"{name} as wanted", seconds=120
        )


@pytest.fixture(scope="module")
def stack(docker: None) -> Iterator[Swarm]:
    with started(Swarm()) as running:
        yield running


@pytest.fixture
def services(stack: Swarm) -> Services:
    return Services(stack)
