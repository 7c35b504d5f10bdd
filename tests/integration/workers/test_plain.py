"""`celery -A config worker`, typed as Celery's own pages have it, takes every queue that is declared."""

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
from tests.integration.stacks import poll

pytestmark = pytest.mark.django_db(transaction=True)

CELERY = Path(sys.prefix) / "bin" / "celery"
NODE = "plain"


@pytest.fixture
def worker(tmp_path: Path, redis_server) -> Iterator[str]:
    """Start it in a folder and an environment as a developer has them; yields its name."""
    own = {"DB_NAME": connection.settings_dict["NAME"], "NODE_NAME": NODE}
    words = ["-A", "config", "worker", "--loglevel=info", "--concurrency=2", "-n", f"{NODE}1@%h"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [CELERY, *words], cwd=ROOT / "services/backend", env=os.environ | own, stdout=log, stderr=log
        )
    try:
        yield poll(lambda: named(), what="an answer of the worker")
    finally:
        process.terminate()
        process.wait(timeout=120)


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
