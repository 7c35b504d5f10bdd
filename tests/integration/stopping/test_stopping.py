"""A worker that is told to stop does stop, also when one of its processes never hears of it."""

import os
import signal

import psutil
import pytest

from tests.integration.connections.workers import session, working

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]


def test_a_process_that_does_not_hear_of_the_end_is_not_waited_for(tmp_path):
    with working(tmp_path) as worker:
        session()
        (child,) = psutil.Process(worker.pid).children()
        os.kill(child.pid, signal.SIGSTOP)

    assert "told to stop, in no task" in (tmp_path / "worker.log").read_text()
    assert (worker.returncode, child.is_running()) == (0, False)
