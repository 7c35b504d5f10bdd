"""Without containers: what dies is started again, and what is stopped finishes its work first."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from tests.integration.stacks import Stack, started
from tests.integration.targets.host import Host
from tests.waiting import poll


@pytest.fixture(scope="module")
def stack() -> Iterator[Host]:
    with started(Host()) as running:
        yield running


@pytest.mark.parametrize("words", ["-A config beat", "-A config worker", "gunicorn config.wsgi", "redis-server"])
def test_a_program_that_is_killed_comes_back(stack, words):
    before = stack.program(words)

    before.kill()
    psutil.wait_procs([before], timeout=10)

    after = poll(lambda: stack.program(words), what=f"a new {words}")
    assert after.pid != before.pid
    poll(lambda: chores_run(stack), what="a chore that goes through the queue", seconds=90)


def chores_run(stack: Stack) -> bool:
    done = stack.verb("manage", "run_now", "archive-old-done-tickets", "--wait", "--timeout", "20")
    return done.returncode == 0 and json.loads(done.stdout.splitlines()[-1])["failed"] == 0


def test_nothing_listens_beyond_loopback(stack):
    parent = stack.supervisord()
    listening = [
        connection.laddr
        for process in [parent, *parent.children(recursive=True)]
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]

    assert {(address.ip, address.port) for address in listening} == {("127.0.0.1", stack.port)}


LOCKED_TASK = """
from celery import current_app
from django.db import connection, transaction

with transaction.atomic(), connection.cursor() as cursor:
    cursor.execute("LOCK TABLE django_celery_results_taskresult IN ACCESS EXCLUSIVE MODE")
    current_app.send_task("celery.backend_cleanup")
    cursor.execute("SELECT pg_sleep(6)")
"""


def test_a_stop_lets_the_running_task_finish(stack):
    """The task cleans a table that is locked for six seconds; the stop comes meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(stack.python, LOCKED_TASK)
        poll(lambda: cleanups(stack, "received"), what="the task", every=0.2)
        finished_early = cleanups(stack, "succeeded")

        assert stack.verb("down").returncode == 0
        holding.result()
    stack.up()

    assert finished_early == []
    assert len(cleanups(stack, "succeeded")) == 1


def cleanups(stack: Stack, word: str) -> list[str]:
    return [event for event in stack.events("celery") if "celery.backend_cleanup[" in event and word in event]
