"""A new release is rolled out while the old one works; one that is not healthy never takes its place."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import httpx
import pytest

from tests.waiting import poll

LOCKED_TASK = """
from celery import current_app
from django.db import connection, transaction

with transaction.atomic(), connection.cursor() as cursor:
    cursor.execute("LOCK TABLE django_celery_results_taskresult IN ACCESS EXCLUSIVE MODE")
    current_app.send_task("celery.backend_cleanup")
    cursor.execute("SELECT pg_sleep(15)")
"""
ORGANISATIONS = "from core.organisations.models import Organisation as O; "


@dataclass
class Visitor:
    """Somebody who asks all the time, with a new connection each time.

    The relay holds a connection for a while when nothing answers: whoever waits longer than this met a gap.
    """

    address: str
    answers: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def ask(self) -> None:
        try:
            self.answers.append(httpx.get(f"{self.address}/healthz", timeout=4).status_code)
        except httpx.HTTPError as error:
            self.failures.append(repr(error))


@contextmanager
def visited(stack) -> Iterator[Visitor]:
    visitor, ended = Visitor(stack.address), threading.Event()

    def stay() -> None:
        while not ended.wait(0.05):
            visitor.ask()

    thread = threading.Thread(target=stay)
    thread.start()
    try:
        yield visitor
    finally:
        ended.set()
        thread.join()


def environment(container) -> list[str]:
    return container.attrs["Config"]["Env"]


def test_the_web_answers_all_the_time_while_a_new_setting_is_rolled_out(stack, services):
    with visited(stack) as visitor:
        stack.settings["WEB_THREADS"] = "6"
        stack.up()

    assert "WEB_THREADS=6" in environment(services["backend"])
    assert visitor.failures == []
    assert len(visitor.answers) > 100
    assert set(visitor.answers) == {200}


def test_an_update_lets_the_running_task_finish_before_the_next_worker_starts(stack, services):
    """The task cleans a table that is locked for a while; the update comes meanwhile."""
    old = services["celery"]
    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(stack.python, LOCKED_TASK)
        poll(lambda: cleanups(stack, "received"), what="the task", every=0.2)
        finished_early = cleanups(stack, "succeeded")

        services.client.services.get(services.state("celery").id).force_update()
        holding.result()
    poll(lambda: [one for one in services.running("celery") if one.id != old.id], what="the next worker", seconds=90)
    services.settled("celery")

    old.reload()
    assert (finished_early, len(cleanups(stack, "succeeded"))) == ([], 1)
    assert (old.attrs["State"]["ExitCode"], old.attrs["State"]["OOMKilled"]) == (0, False)
    assert moment(old.attrs["State"]["FinishedAt"]) <= moment(services["celery"].attrs["State"]["StartedAt"])


def cleanups(stack, word: str) -> list[str]:
    events = stack.events("celery")
    return [event for event in events if event.startswith("Task celery.backend_cleanup") and word in event]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text[:26].rstrip("Z") + "+00:00")


@pytest.fixture
def broken(stack) -> Iterator[dict[str, dict[str, object]]]:
    """Say of a service that it is broken; the overlay is whole again afterwards."""
    yield stack.overlay
    stack.overlay.clear()
    stack.write_overlay()


def test_a_broken_release_is_rolled_back_while_the_old_one_serves(stack, services, broken):
    before = services["backend"]
    broken["backend"] = {"entrypoint": ["sh", "-c", "echo this release is broken; exit 3"]}
    stack.write_overlay()

    with visited(stack) as visitor:
        done = stack.verb("up", RUNTIME="swarm")

    assert done.returncode == 1
    assert "this release is broken" in done.stderr
    assert "the new backend failed and was rolled back" in done.stderr.splitlines()[-1]
    assert (visitor.failures, set(visitor.answers)) == ([], {200})
    assert services["backend"].id == before.id


def test_a_migration_that_fails_leaves_the_running_release_running(stack, services, broken):
    before = [services[name].id for name in ("backend", "celery")]
    broken["migrate"] = {"entrypoint": ["sh", "-c", "echo no such column; exit 1"]}
    stack.settings["WEB_THREADS"] = "7"
    stack.write_overlay()

    done = stack.verb("up", RUNTIME="swarm")

    assert done.returncode == 1
    assert "no such column" in done.stderr
    assert "migrate is failed" in done.stderr.splitlines()[-1]
    assert [services[name].id for name in ("backend", "celery")] == before
    assert httpx.get(f"{stack.address}/readyz", timeout=10).status_code == 200


def test_the_next_good_release_goes_through_again(stack, services):
    said = stack.up()

    assert f"{stack.name} was running and is up to date" in said
    assert "WEB_THREADS=7" in environment(services["backend"])


def test_a_type_of_worker_is_switched_on_and_off(stack, services):
    stack.settings["WORKERS"] = "1 reports"
    stack.up()
    usual, reports = (environment(services[name]) for name in ("celery", "worker-reports"))

    stack.settings["WORKERS"] = "none"
    stack.up()

    assert "CELERY_QUEUES=report_queue" in reports
    assert "report_queue" not in next(line for line in usual if line.startswith("CELERY_QUEUES="))
    assert services.running("worker-reports") == []


def test_a_worker_that_is_killed_comes_back(stack, services):
    killed = services["celery"]

    killed.kill()

    poll(lambda: [one for one in services.running("celery") if one.id != killed.id], what="a new worker")
    services.settled("celery")
    assert chore_runs(stack)


def test_workers_go_on_when_redis_is_replaced(stack, services):
    workers = [container.id for container in services.running("celery")]
    replaced = services["redis"]

    services.client.services.get(services.state("redis").id).force_update()

    poll(lambda: [one for one in services.running("redis") if one.id != replaced.id], what="a new Redis")
    services.settled("redis")
    assert chore_runs(stack)
    assert [container.id for container in services.running("celery")] == workers


def chore_runs(stack) -> bool:
    done = stack.manage("run_now", "archive-old-done-tickets", "--wait", "--timeout", "90")
    return json.loads(done.splitlines()[-1])["failed"] == 0


def test_data_and_secrets_survive_down_and_up(stack, services):
    stack.python(f"{ORGANISATIONS} O.objects.create(slug='kept', name='Kept')")
    before = services.state("backend").secrets

    stack.down()
    gone = stack.verb("status").stdout
    stack.up()

    assert gone.startswith(f"Nothing of {stack.name} runs")
    assert stack.python(f"{ORGANISATIONS} print(O.objects.filter(slug='kept').count())").strip() == "1"
    assert services.state("backend").secrets >= before
