"""The parcels' table, and a run at work on it."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from core.runs.models import Run
from core.runs.tests.conftest import app, at_work, broker, work  # noqa: F401  # fixtures: a queue and a worker
from core.sweep.services import sweep_run
from core.sweep.tests.ends import end
from core.sweep.tests.parcels import DROP, SENDING, TABLE


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
def done(at_work) -> Callable[[], Run]:  # noqa: F811  # the fixture
    """Return a function that sends what is due as a run, and ends the run."""

    def do() -> Run:
        run = at_work(approved=True)
        sweep_run(sweep=SENDING)
        return end(run)

    return do
