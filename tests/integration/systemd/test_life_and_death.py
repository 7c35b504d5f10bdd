"""What systemd does for the stack when something dies, hangs or goes away; times are shortened by drop-ins."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.integration.systemd.machine import Machine, booted
from tests.waiting import poll

STACK = "desk"
WEB, FIRST, SECOND, BEAT = (f"{STACK}-{name}.service" for name in ("web", "worker@1", "worker@2", "beat"))
WATCHDOG_SECONDS = 15
# Longer than the watchdog waits, and than a heartbeat may take.
LONG_SECONDS = 40
SHORT = f"[Service]\nWatchdogSec={WATCHDOG_SECONDS}\nTimeoutAbortSec=10\nRestartSec=1\nRestartSteps=0\n"
SETTINGS = {"HEARTBEAT_INTERVAL_SECONDS": "2", "HEARTBEAT_GIVE_UP_SECONDS": "20"}


@pytest.fixture(scope="module")
def machine(docker: None) -> Iterator[Machine]:
    with booted(Machine()) as running:
        running.install(STACK, WORKERS="2")
        for unit in (f"{STACK}-worker@.service", BEAT):
            running.write(f"/etc/systemd/system/{unit}.d/short.conf", SHORT)
        running.write(f"/etc/{STACK}/env", running.read(f"/etc/{STACK}/env") + lines(SETTINGS), mode="0640")
        running.run(f"chgrp {STACK} /etc/{STACK}/env && systemctl daemon-reload && systemctl restart {STACK}.target")
        yield running


@pytest.fixture(autouse=True)
def settled(machine: Machine) -> None:
    """Begin each test with everything at work."""
    for unit in (FIRST, SECOND):
        poll(lambda unit=unit: "heartbeat 0 s ago" in status(machine, unit), what=f"{unit} at work", seconds=90)
    poll(lambda: status(machine, BEAT) == "On time", what="beat at work", seconds=90)


def lines(settings: dict[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def status(machine: Machine, unit: str) -> str:
    return machine.show(unit, "StatusText")


def pid(machine: Machine, unit: str) -> str:
    return machine.show(unit, "MainPID")


def replaced(machine: Machine, unit: str, old: str, *, seconds: float = 60) -> None:
    poll(lambda: pid(machine, unit) not in ("0", old) and machine.active(unit), what=f"a new {unit}", seconds=seconds)


def test_no_secret_stands_where_others_can_read_it(machine: Machine):
    secrets = machine.read(f"/etc/{STACK}/credentials/db_password").split()
    everything = machine.run(
        f"systemctl show {WEB} {FIRST} {BEAT}; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline"
    ).stdout

    assert "DB_PASSWORD_FILE" in everything
    assert [secret for secret in secrets if secret in everything] == []


def test_a_node_says_how_it_is(machine: Machine):
    for node in (1, 2):
        said = machine.run(
            f"/opt/{STACK}/current/entrypoints/probe.sh /run/{STACK}-worker-{node}/heartbeat", check=False
        )
        assert (said.returncode, said.stdout) == (0, "")

    machine.run("touch --date='2 minutes ago' /tmp/old")

    said = machine.run(f"/opt/{STACK}/current/entrypoints/probe.sh /tmp/old", check=False)
    assert said.returncode == 1
    assert said.stdout.startswith("no tick went through for 12")


@pytest.mark.parametrize("unit", [WEB, FIRST, BEAT])
def test_what_is_killed_is_started_again(machine: Machine, unit: str):
    old = pid(machine, unit)

    machine.run(f"kill -KILL {old}")

    replaced(machine, unit, old)


@pytest.mark.parametrize("unit", [FIRST, BEAT])
def test_what_is_frozen_is_started_again_and_nobody_else(machine: Machine, unit: str):
    others = {other: pid(machine, other) for other in (WEB, FIRST, SECOND, BEAT) if other != unit}
    old = pid(machine, unit)

    machine.run(f"kill -STOP {old}")

    replaced(machine, unit, old, seconds=WATCHDOG_SECONDS + 60)
    assert {other: pid(machine, other) for other in others} == others


def test_a_worker_without_progress_is_started_again(machine: Machine):
    """It runs, its servers answer, and no heartbeat comes through: it has stopped to take from its queue."""
    old = pid(machine, FIRST)
    node = "celery@$(hostname)-worker-1"

    machine.run(
        f'{STACK}-manage shell --no-imports -c "from config.celery import app;'
        f" app.control.cancel_consumer('heartbeat.$(hostname)-worker-1', destination=['{node}'])\""
    )

    poll(lambda: status(machine, FIRST).startswith("Stuck: no progress"), what="the judgement", seconds=60)
    replaced(machine, FIRST, old)


@contextmanager
def away(machine: Machine, server: str) -> Iterator[None]:
    """Stop a server for the block; it comes back also when the test fails."""
    machine.run(f"systemctl stop {server}")
    try:
        yield
    finally:
        machine.run(f"systemctl start {server}")


@pytest.mark.parametrize("server", [f"redis-server@{STACK}", "postgresql"])
def test_a_long_outage_of_a_server_ends_nothing(machine: Machine, server: str):
    before = {unit: pid(machine, unit) for unit in (WEB, FIRST, SECOND, BEAT)}

    with away(machine, server):
        machine.run(f"sleep {LONG_SECONDS}")
        assert status(machine, FIRST) == "Waiting for PostgreSQL or Redis"

    poll(lambda: "heartbeat 0 s ago" in status(machine, FIRST), what="the worker at work", seconds=90)
    assert {unit: pid(machine, unit) for unit in before} == before


def test_a_worker_starts_while_redis_is_away_and_waits(machine: Machine):
    with away(machine, f"redis-server@{STACK}"):
        machine.run(f"systemctl restart {FIRST}")
        assert status(machine, FIRST) == "Waiting for PostgreSQL or Redis"

    poll(lambda: "heartbeat 0 s ago" in status(machine, FIRST), what="the worker at work", seconds=90)


def test_a_worker_is_not_ended_because_beat_is(machine: Machine):
    before = pid(machine, FIRST)

    machine.run(f"systemctl stop {BEAT}; sleep {LONG_SECONDS}")

    assert pid(machine, FIRST) == before
    machine.run(f"systemctl start {BEAT}")


def test_a_beat_goes_on_when_its_worker_ends(machine: Machine):
    before = pid(machine, BEAT)

    machine.run(f"systemctl stop {FIRST}")

    assert pid(machine, BEAT) == before
    machine.run(f"systemctl start {FIRST}")


def test_whoever_calls_while_the_web_restarts_waits_and_is_served(machine: Machine):
    machine.run(f"systemctl restart --no-block {WEB}")

    asked = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=60).status)"
    assert machine.run(f'for n in 1 2 3 4 5; do python3 -c "{asked}"; done').stdout.split() == ["200"] * 5


LOCK_RESULTS = f"LOCK TABLE django_celery_results_taskresult IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep({LONG_SECONDS})"


@contextmanager
def held_up(machine: Machine, *, tasks: int) -> Iterator[None]:
    """Let node 1 alone run tasks whose table is locked until long after the watchdog's time."""
    machine.run(f"systemctl stop {SECOND}")
    machine.run(f"runuser -u postgres -- psql -q {STACK} -c 'BEGIN; {LOCK_RESULTS}; COMMIT' >/dev/null 2>&1 &")
    for _ in range(tasks):
        machine.run(f"{STACK}-manage run_now clean-up-task-results")
    poll(lambda: f"{tasks} of 2 busy" in status(machine, FIRST), what="the tasks at work", seconds=20)
    yield
    machine.run(f"systemctl start {SECOND} {FIRST}")


def test_a_worker_that_is_full_is_not_stuck(machine: Machine):
    before = pid(machine, FIRST)

    with held_up(machine, tasks=2):
        poll(lambda: "0 of 2 busy" in status(machine, FIRST), what="the end of the tasks", seconds=2 * LONG_SECONDS)

    assert pid(machine, FIRST) == before


def test_a_stop_waits_for_the_running_task_and_no_watchdog_cuts_it_short(machine: Machine):
    began = machine.ask("date +@%s")

    with held_up(machine, tasks=1):
        machine.run(f"systemctl stop {FIRST}")
        said = machine.run(f"journalctl -o cat --since {began} --identifier={STACK}-worker-1").stdout
        result = machine.show(FIRST, "Result")

    assert result == "success"
    assert "Task celery.backend_cleanup[" in said and " succeeded in " in said
