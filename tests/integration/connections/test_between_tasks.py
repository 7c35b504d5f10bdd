"""A worker's child keeps its database connection, and no task meets what another left in it."""

from collections.abc import Iterator

import pytest

from tests.integration.connections import tasks
from tests.integration.connections.workers import locks, session, sessions_end, working
from tests.waiting import poll

pytestmark = pytest.mark.django_db(transaction=True)

LEFT = [
    ("leave", "SET statement_timeout = '7min'"),
    ("leave", "SET TIME ZONE 'Asia/Tokyo'"),
    ("leave", "CREATE TEMPORARY TABLE leftover ()"),
    ("leave", "SELECT pg_advisory_lock(1)"),
    ("leave", "BEGIN"),
    ("leave_manual", "LOCK runs_runitem"),
    ("leave_atomic", "LOCK runs_runitem"),
    ("leave_atomic", "SELECT 1 / 0"),
]


@pytest.fixture(scope="module")
def worker(tmp_path_factory, django_db_setup, redis_server) -> Iterator[None]:
    with working(tmp_path_factory.mktemp("worker")):
        yield


def test_tasks_share_a_connection(worker):
    assert session() == session()


def test_a_connection_that_the_server_ended_costs_no_task(worker):
    before = session()
    assert sessions_end() == [True]

    assert session()["pid"] != before["pid"]


@pytest.mark.parametrize(("task", "statement"), LEFT)
def test_nothing_of_a_task_is_left_for_the_next(worker, task, statement):
    clean = session()
    getattr(tasks, task).delay(statement)

    assert {**session(), "pid": 0} == {**clean, "pid": 0}
    poll(lambda: locks() == [], what="no lock between two tasks", every=0.05)
