"""A type of worker under systemd: a unit of its own, with the queues and limits that it has in a container."""

import json
from collections.abc import Iterator

import pytest

from tests.checkout import STACK as SOURCE
from tests.integration.systemd.installed import STACK, Desk, prepared
from tests.integration.systemd.machine import Machine
from tests.waiting import poll

USUAL, PRICING = f"{STACK}-worker@1.service", f"{STACK}-worker@pricing.service"
TAKEN = set(SOURCE.service["worker-pricing"].environment["CELERY_QUEUES"].split(","))
ASK = """
import json
from config.celery import app
inspect = app.control.inspect(timeout=5)
queues = {name: [one["name"] for one in taken] for name, taken in (inspect.active_queues() or {}).items()}
print(json.dumps({"queues": queues, "stats": inspect.stats()}))
"""
SEND = "from apps.pricing.tasks import recompute_all_discounts as t; print(t.apply_async(queue='discounts').id)"


@pytest.fixture(scope="module")
def desk(machine: Machine) -> Iterator[Desk]:
    # What an operator sets for every worker does not make a type another one.
    yield prepared(machine, WORKERS="1 pricing", CELERY_CONCURRENCY="1", CELERY_PREFETCH="1")


def told(desk: Desk, node: str) -> dict:
    """Return what one worker says of itself."""
    said = poll(lambda: by_name(desk).get(node), what=f"an answer of {node}", seconds=60)
    assert isinstance(said, dict)
    return said


def by_name(desk: Desk) -> dict[str, dict]:
    said = json.loads(desk.python(ASK))
    nodes = said["queues"] or {}
    return {
        name.partition("-worker-")[2]: {
            "queues": {queue for queue in nodes[name] if not queue.startswith("heartbeat")},
            "stats": said["stats"][name],
        }
        for name in nodes
    }


def test_it_takes_its_queues_and_the_usual_worker_leaves_them(desk: Desk):
    pricing, usual = told(desk, "pricing")["queues"], told(desk, "1")["queues"]

    assert pricing == TAKEN
    assert not usual & TAKEN
    assert "default" in usual


def test_it_works_within_the_limits_of_its_type(desk: Desk):
    pricing = told(desk, "pricing")
    pool = pricing["stats"]["pool"]

    assert pool["timeouts"] == [1500, 1800]
    assert (pool["max-concurrency"], pool["max-tasks-per-child"]) == (2, 1000)
    assert pricing["stats"]["prefetch_count"] == 2 * 4
    assert desk.machine.show(PRICING, "MemoryMax") == str(512 * 1024**2)


def test_what_waits_in_its_queue_is_done_by_it(desk: Desk):
    task = desk.python(SEND)

    poll(lambda: f"{task}] succeeded in" in " ".join(desk.events("worker-pricing")), what="the prices", seconds=60)
    assert task not in " ".join(desk.events("worker-1"))


def test_a_queue_without_its_worker_waits_and_goes_on(desk: Desk):
    desk.machine.run(f"systemctl stop {PRICING}")
    task = desk.python(SEND)
    assert task not in " ".join(desk.events("worker-1"))

    desk.machine.run(f"systemctl start {STACK}.target")

    poll(lambda: f"{task}] succeeded in" in " ".join(desk.events("worker-pricing")), what="the prices", seconds=60)


def test_it_is_kept_by_the_next_installation_and_shown_by_the_status(desk: Desk):
    said = desk.install().stdout

    assert "healthy: nothing to do" in said
    shown = desk.machine.run("make -C /src status", STACK_NAME=STACK).stdout
    assert "worker@pricing" in shown
    assert "worker@ml" not in shown


def test_switched_off_it_ends_and_the_usual_worker_takes_its_queues_again(desk: Desk):
    desk.install(WORKERS="1")

    assert desk.machine.show(PRICING, "ActiveState") == "inactive"
    assert desk.machine.ask(f"systemctl is-enabled {PRICING}") == "disabled"
    assert told(desk, "1")["queues"] >= TAKEN
    assert by_name(desk).keys() == {"1"}
