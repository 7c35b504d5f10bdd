"""Real messages: a Redis queue of the test's own, and a worker of Celery's in a thread of this process."""

from collections.abc import Callable, Iterator

import pytest
from celery import current_app
from celery.contrib.testing.worker import start_worker

from core.organisations.enums import Role
from core.organisations.tests.factories import OrganisationFactory, UserFactory
from core.runs.enums import State
from core.runs.running import Running, current
from core.runs.tests.calling import session_caller, token_caller
from core.runs.tests.factories import run_make


@pytest.fixture
def broker(redis_server) -> Iterator[object]:
    """Yield the Redis client behind the queues, emptied."""
    with current_app.connection_for_write() as connection:
        client = connection.default_channel.client
        client.flushdb()
        yield client


@pytest.fixture
def app(broker) -> object:
    return current_app._get_current_object()


@pytest.fixture
def work(app, broker) -> Callable[[], object]:
    """Return a context manager: while it is open, a worker takes what is in the queues."""
    return lambda: start_worker(app, perform_ping_check=False, pool="solo", shutdown_timeout=30)


@pytest.fixture
def organisation():
    return OrganisationFactory()


@pytest.fixture
def owner(organisation):
    return token_caller(organisation, Role.OWNER)


@pytest.fixture
def agent(organisation):
    return token_caller(organisation, Role.AGENT)


@pytest.fixture
def viewer(organisation):
    return token_caller(organisation, Role.VIEWER)


@pytest.fixture
def staff():
    """Somebody of the installation's staff, who is in no organisation."""
    return session_caller(UserFactory(username="chief", is_staff=True))


@pytest.fixture
def at_work() -> Iterator[Callable[..., object]]:
    """Return a function that makes this code a run's work, as a worker would; the last one made counts."""
    tokens = []

    def begin(attempt: int = 1, *, approved: bool = False, **fields: object) -> object:
        run = run_make(State.RUNNING, **{"name": "tests.send_parcels", "attempt": attempt, **fields})
        tokens.append(current.set(Running(run.id, run.name, attempt, run.max_attempts, approved=approved)))
        return run

    yield begin
    for token in reversed(tokens):
        current.reset(token)
