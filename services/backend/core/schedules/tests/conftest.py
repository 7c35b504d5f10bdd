"""The queue that beat sends to, and a schedule that is due."""

from collections.abc import Callable

import pytest

from core.runs.tests.conftest import broker  # noqa: F401  # fixture: the Redis behind the queues
from core.schedules.jobs import JobSpec
from core.schedules.tests.beats import declare


@pytest.fixture
def queue(broker) -> Callable[[], int]:  # noqa: F811  # the fixture
    """Return a function that counts the messages waiting for the task, apart from the heartbeat's."""
    return lambda: broker.llen("tests")


@pytest.fixture
def due() -> JobSpec:
    """Declare a schedule of which one slot has come since beat last looked."""
    return declare(minutes=1)
