"""Types of worker are switched on and scaled by name, take what they are for, and no queue is ever without a worker."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bundle import environment
from tests.checkout import STACK
from tests.waiting import poll

MEBIBYTE = 1024**2
# A heartbeat comes every ten seconds: with this the probe asks for one that has just come.
IMPATIENT = {"HEARTBEAT_STALE_SECONDS": "0"}
PROBE = "/app/entrypoints/probe.sh"
PSQL = 'PGPASSWORD="$(cat "$POSTGRES_PASSWORD_FILE")" psql --host=127.0.0.1 --username="$POSTGRES_USER" "$POSTGRES_DB"'
LOCK = "BEGIN; LOCK TABLE django_celery_results_taskresult IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(60); COMMIT"
RELEASE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; LOCK%'"


def done_by(stack, service: str, task: str) -> list[str]:
    """Name the containers of a service that finished the task."""
    mark = f"[{task}] succeeded"
    return [one.name for one in stack.containers(service) if mark in one.logs().decode()]


def test_a_task_is_done_by_the_type_that_its_queue_belongs_to(stack):
    task = stack.send("ml_tasks")

    assert len(poll(lambda: done_by(stack, "worker-ml", task), what="the task")) == 1
    assert done_by(stack, "celery", task) == []


def test_a_queue_whose_type_is_off_is_taken_by_the_usual_worker(stack):
    task = stack.send("report_queue")

    assert len(poll(lambda: done_by(stack, "celery", task), what="the task")) == 1


def test_as_many_run_as_were_asked_for_and_each_is_healthy(stack):
    workers = stack.containers("worker-ml")

    assert [one.attrs["State"]["Health"]["Status"] for one in workers] == ["healthy", "healthy"]


def test_every_worker_takes_the_heartbeat_of_its_own_node_and_what_is_left_to_it(stack):
    usual, ml = ([one.short_id for one in stack.containers(service)] for service in ("celery", "worker-ml"))

    taken = poll(lambda: taken_queues(stack, {*usual, *ml}), what="an answer of every worker")

    rest = {queue for queue in environment.queues(STACK) if queue != "ml_tasks"}
    assert taken == {
        **{node: {f"heartbeat.{node}", *rest} for node in usual},
        **{node: {f"heartbeat.{node}", "ml_tasks"} for node in ml},
    }


def taken_queues(stack, nodes: set[str]) -> dict[str, set[str]]:
    """Ask Flower, which says nothing of a worker that was late to answer."""
    listed = stack.get("flower", "/api/workers?refresh=1", password=stack.password("flower")).json()
    found = {
        name.partition("@")[2]: {queue["name"] for queue in one.get("active_queues", [])}
        for name, one in listed.items()
    }
    return found if all(found.get(node) for node in nodes) else {}


def test_the_limits_are_those_of_the_type(stack):
    limits = stack.containers("worker-ml")[0].attrs["HostConfig"]

    assert limits["Memory"] == 4096 * MEBIBYTE
    assert limits["MemoryReservation"] == 2048 * MEBIBYTE
    assert limits["NanoCpus"] == 2_000_000_000
    assert limits["ReadonlyRootfs"] is True


def test_a_worker_that_is_busy_with_all_it_has_is_healthy_without_a_heartbeat(stack):
    """One task at a time: while it runs, nothing answers the heartbeat. The task waits for a table that is locked."""
    with locked_results(stack):
        task = stack.send("ml_tasks")
        busy = poll(lambda: started_by(stack, task), what="the start of the task")
        probed = {one.name: one.exec_run(PROBE, environment=IMPATIENT) for one in stack.containers("worker-ml")}

    assert probed.pop(busy).exit_code == 0
    assert [result.exit_code for result in probed.values()] == [1]
    poll(lambda: done_by(stack, "worker-ml", task), what="the end of the task")


def started_by(stack, task: str) -> str:
    for one in stack.containers("worker-ml"):
        if f"[{task}] received" in one.logs().decode() and "busy" in one.exec_run("ls /run/deskbeat").output.decode():
            return one.name
    return ""


@contextmanager
def locked_results(stack) -> Iterator[None]:
    """Keep the task that is sent here from ending."""
    database = stack.container("db")
    database.exec_run(["sh", "-c", f'{PSQL} -c "{LOCK}"'], detach=True)
    try:
        yield
    finally:
        database.exec_run(["sh", "-c", f'{PSQL} -c "{RELEASE}"'])


def test_a_worker_of_a_type_that_dies_ends_its_container_which_starts_again(stack):
    one = stack.containers("worker-ml")[0]

    one.exec_run(["sh", "-c", "kill -KILL $(cat /proc/1/task/1/children)"])

    poll(lambda: reloaded(one).attrs["RestartCount"] > 0, what="a restart by the engine")
    poll(lambda: reloaded(one).attrs["State"]["Health"]["Status"] == "healthy", what="health", seconds=120)


def reloaded(container):
    container.reload()
    return container


def test_an_unknown_type_is_one_sentence(stack):
    done = stack.verb("up", WORKERS="mll")

    assert (done.returncode, done.stderr) == (1, "WORKERS: 'mll' is unknown; did you mean 'ml'?\n")


@pytest.mark.parametrize("service", ["flower", "metrics"])
def test_what_watches_speaks_in_json_events(stack, service):
    lines = [json.loads(line) for line in stack.log_lines(service)]

    assert lines != []
    assert [line for line in lines if not {"ts", "level", "logger", "event"} <= line.keys()] == []


# Last: from here on the tests end what the others look at.


def optional(stack) -> set[str]:
    usual = ("backend", "celery", "db", "migrate", "redis")
    return {one.labels["com.docker.compose.service"] for one in stack.containers()} - {*usual}


def started_at(stack) -> dict[str, str]:
    return {one.id: one.attrs["State"]["StartedAt"] for one in stack.containers() if "migrate" not in one.name}


def test_a_start_that_says_nothing_keeps_what_runs_and_restarts_none_of_it(stack):
    before = started_at(stack)

    said = stack.start()

    assert started_at(stack) == before
    assert f"flower    http://127.0.0.1:{stack.ports['flower']}, user flower, password in .run/" in said


def test_what_is_switched_off_goes_and_the_usual_worker_takes_its_queues_again(stack):
    stack.start(WORKERS="sync", PROFILES="metrics")

    assert optional(stack) == {"worker-sync", "metrics"}
    queues = stack.container("celery").exec_run(["sh", "-c", "echo $CELERY_QUEUES"]).output.decode().strip().split(",")
    assert "ml_tasks" in queues
    assert "sync_tasks" not in queues


def test_down_leaves_none_of_it(stack):
    stack.down()

    assert stack.containers() == []
