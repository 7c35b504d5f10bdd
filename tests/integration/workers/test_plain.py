"""`celery -A config worker`, typed as Celery's own pages have it, takes every queue that is declared; and what
scripts/celery_manager.py asks of it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from config.celery import app
from config.queues import SHARED_QUEUES
from tests.checkout import ROOT
from tests.waiting import poll

pytestmark = pytest.mark.django_db(transaction=True)

CELERY = Path(sys.prefix) / "bin" / "celery"
NODE = "plain"


@pytest.fixture(scope="module")
def worker(tmp_path_factory, django_db_setup, redis_server) -> Iterator[str]:
    """Start it in a folder and an environment as a developer has them; yields its name."""
    words = ["-A", "config", "worker", "--loglevel=info", "--concurrency=2", "-n", f"{NODE}1@%h"]
    with (tmp_path_factory.mktemp("worker") / "log").open("wb") as log:
        process = subprocess.Popen(
            [CELERY, *words], cwd=ROOT / "services/backend", env=environment(), stdout=log, stderr=log
        )
    try:
        yield poll(named, what="an answer of the worker")
    finally:
        process.terminate()
        process.wait(timeout=120)


def environment() -> dict[str, str]:
    programs = os.pathsep.join([str(CELERY.parent), os.environ["PATH"]])
    return os.environ | {"DB_NAME": connection.settings_dict["NAME"], "NODE_NAME": NODE, "PATH": programs}


def named() -> str:
    found = app.control.inspect(timeout=2).ping() or {}
    return next((name for name in found if name.startswith(f"{NODE}1@")), "")


def test_it_takes_what_is_sent_to_any_queue(worker):
    (taken,) = app.control.inspect([worker]).active_queues().values()
    (facts,) = app.control.inspect([worker]).stats().values()

    asked = [app.send_task("celery.backend_cleanup", queue=queue) for queue in SHARED_QUEUES]

    assert {queue["name"] for queue in taken} == {*SHARED_QUEUES, f"heartbeat.{NODE}"}
    assert facts["pool"]["max-concurrency"] == 2
    assert [result.get(timeout=60) for result in asked] == [None] * len(SHARED_QUEUES)


def manager(*words: str) -> "subprocess.CompletedProcess[str]":
    """Run the script where nobody can be asked."""
    command = [sys.executable, str(ROOT / "scripts/celery_manager.py"), *words]
    return subprocess.run(
        command, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("question", "known"),
    [
        ("active", "empty"),
        ("scheduled", "empty"),
        ("registered", "tickets.tasks.archive_old_done_tickets"),
        ("stats", '"max-concurrency": 2'),
    ],
)
def test_the_manager_asks_it(worker, question, known):
    answer = manager(question)

    assert (answer.returncode, worker in answer.stdout, known in answer.stdout) == (0, True, True)


def test_the_manager_counts_without_asking_and_purges_nothing_where_nobody_is_asked(worker):
    counted, refused = manager("purge", "--dry-run"), manager("purge", "--queue", "ml_tasks")

    assert counted.stdout.splitlines() == [f"{queue}: 0 messages, 0 runs wait" for queue in sorted(SHARED_QUEUES)]
    assert (refused.returncode, "There is no terminal to ask at" in refused.stderr) == (1, True)
