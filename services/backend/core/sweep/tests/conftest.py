"""The parcels' table, and a run at work on it."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from core.runs.enums import State
from core.runs.models import Run
from core.runs.running import Running, current
from core.runs.tests.conftest import app, broker, work  # noqa: F401  # fixtures: a queue and a worker
from core.runs.tests.factories import run_make
from core.sweep.tests.parcels import DROP, TABLE


@pytest.fixture(autouse=True)
def parcels(request: pytest.FixtureRequest) -> Iterator[None]:
    request.getfixturevalue("transactional_db" if _commits(request) else "db")
    with connection.cursor() as cursor:
        cursor.execute(DROP)
        cursor.execute(TABLE)
    yield
    with connection.cursor() as cursor:
        cursor.execute(DROP)


def _commits(request: pytest.FixtureRequest) -> bool:
    mark = request.node.get_closest_marker("django_db")
    return bool(mark and mark.kwargs.get("transaction"))


@pytest.fixture
def at_work() -> Iterator[Callable[..., Run]]:
    """Return a function that makes this code a run's work, as a worker would; the last one made counts."""
    tokens = []

    def begin(attempt: int = 1, *, approved: bool = False, **fields: object) -> Run:
        run = run_make(State.RUNNING, **{"name": "tests.send_parcels", "attempt": attempt, **fields})
        tokens.append(current.set(Running(run.id, run.name, attempt, run.max_attempts, approved=approved)))
        return run

    yield begin
    for token in reversed(tokens):
        current.reset(token)
