"""The parcels' table, and a run at work on it."""

from collections.abc import Iterator

import pytest
from django.db import connection

from core.runs.tests.conftest import app, at_work, broker, work  # noqa: F401  # fixtures: a queue and a worker
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
