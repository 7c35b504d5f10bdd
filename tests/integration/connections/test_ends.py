"""A worker's connections end with the child, the thread or the worker that used them."""

import pytest

from tests.integration.connections.workers import session, sessions, working
from tests.waiting import poll

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]


def test_a_child_that_is_replaced_takes_its_connection_along(tmp_path):
    with working(tmp_path, "--max-tasks-per-child=1"):
        first, second = session(), session()

        assert first["pid"] != second["pid"]
        poll(lambda: first["pid"] not in sessions(), what="no connection of the child that ended", every=0.05)


@pytest.mark.parametrize("pool", ["threads", "solo"])
def test_other_pools_keep_no_connection(tmp_path, pool):
    with working(tmp_path, pool=pool):
        session()

        poll(lambda: sessions() == [], what="no connection between two tasks", every=0.05)


def test_a_worker_that_stops_leaves_no_connection(tmp_path):
    with working(tmp_path):
        session()
        assert len(sessions()) == 1

    poll(lambda: sessions() == [], what="no connection of a worker that stopped", every=0.05)
