"""What happens when something dies, stops, or is away: nothing is lost, and nothing half dead stays up."""

import json
import signal
import subprocess
import time
from datetime import datetime

import httpx
import pytest

from bundle.containers import engine
from tests.checkout import ROOT
from tests.waiting import poll

# What the engine does when the time of a stop is up: 128 and SIGKILL.
KILLED = 137
LOCK_RESULTS = "LOCK TABLE django_celery_results_taskresult IN ACCESS EXCLUSIVE MODE"
PSQL = 'psql --host=127.0.0.1 --username="$POSTGRES_USER" "$POSTGRES_DB"'


@pytest.fixture
def celery(services):
    container = services["celery"]
    poll(lambda: healthy(container), what="a healthy celery container", seconds=120)
    return container


def healthy(container) -> bool:
    container.reload()
    return container.attrs["State"].get("Health", {}).get("Status") == "healthy"


def processes(container) -> dict[str, int]:
    """Return the pid, inside the container, of each program's main process: its children come later."""
    found: dict[str, int] = {}
    script = "for p in /proc/[0-9]*; do printf '%s ' ${p#/proc/}; tr '\\0' ' ' < $p/cmdline; echo; done"
    for line in container.exec_run(["sh", "-c", script])[1].decode().splitlines():
        pid, _, command = line.partition(" ")
        for program in ("beat", "worker"):
            if f"-A config {program}" in command:
                found[program] = min(int(pid), found.get(program, int(pid)))
    return found


@pytest.mark.parametrize("program", ["beat", "worker"])
def test_the_container_ends_with_an_error_when_a_program_is_killed(celery, program):
    restarts = celery.attrs["RestartCount"]
    began = celery.attrs["State"]["StartedAt"]

    celery.exec_run(["sh", "-c", f"kill -KILL {processes(celery)[program]}"])

    poll(lambda: restarted(celery, restarts), what="a restart by the engine")
    log = [json.loads(line) for line in celery.logs(since=epoch(began)).decode().splitlines()]
    assert f"Ending the container: {program} ended by itself." in [line["event"] for line in log]


def restarted(container, before: int) -> bool:
    container.reload()
    return bool(container.attrs["RestartCount"] > before)


def epoch(moment: str) -> float:
    return datetime.fromisoformat(moment[:26].rstrip("Z") + "+00:00").timestamp()


def test_compose_itself_restarts_a_service_and_shows_its_log(celery, stack):
    began = celery.attrs["State"]["StartedAt"]
    compose = [*engine.compose(ROOT, stack.environment), "--project-name", stack.name]

    subprocess.run([*compose, "restart", "celery"], env=stack.environment, check=True)

    poll(lambda: healthy(celery), what="a healthy celery container", seconds=120)
    shown = [*compose, "logs", "--no-log-prefix", "--since", celery.attrs["State"]["StartedAt"], "celery"]
    log = subprocess.run(shown, env=stack.environment, check=True, capture_output=True, text=True).stdout
    assert celery.attrs["State"]["StartedAt"] > began
    assert any(json.loads(line)["event"].endswith("ready.") for line in log.splitlines())


def test_a_stop_lets_the_running_task_finish(celery, services, stack):
    """The task cleans a table that is locked for eight seconds; the stop comes meanwhile."""
    lock = f"BEGIN; {LOCK_RESULTS}; SELECT pg_sleep(8); COMMIT"
    command = f'PGPASSWORD="$(cat "$POSTGRES_PASSWORD_FILE")" {PSQL} -c "{lock}"'
    services["db"].exec_run(["sh", "-c", command], detach=True)
    task = stack.manage("run_now", "clean-up-task-results").strip()
    poll(lambda: any(task in event and event.endswith("received") for event in stack.events("celery")), what="the task")

    celery.stop(timeout=120)
    celery.reload()
    events = stack.events("celery")
    celery.start()

    assert any(event.startswith(f"Task celery.backend_cleanup[{task}] succeeded") for event in events)
    assert (celery.attrs["State"]["ExitCode"], celery.attrs["State"]["OOMKilled"]) == (0, False)


@pytest.mark.parametrize("name", ["backend", "celery"])
def test_a_stop_that_comes_while_a_container_starts_is_heard(services, name):
    """Its time would be half an hour for the worker: a program that is PID 1 ignores what it does not handle yet."""
    container = services[name]
    container.stop(timeout=60)
    for seconds in (0, 0.1, 0.3):
        container.start()
        time.sleep(seconds)
        container.stop(timeout=30)
        container.reload()
        assert container.attrs["State"]["ExitCode"] != KILLED, f"{seconds} s after the start"
    container.start()
    poll(lambda: healthy(container), what=f"a healthy {name}", seconds=120)


@pytest.mark.parametrize("server", ["redis", "db"])
def test_an_outage_of_a_server_ends_nothing_and_the_chores_go_on(celery, services, stack, server):
    others = [services[name] for name in ("backend", "celery")]
    before = [container.attrs["State"]["StartedAt"] for container in others]
    services[server].stop(timeout=30)
    poll(lambda: not any_answer(stack), what="an unready web")
    services[server].start()

    poll(lambda: any_answer(stack), what="a ready web", seconds=60)
    done = json.loads(stack.manage("run_now", "archive-old-done-tickets", "--wait", "--timeout", "90").splitlines()[-1])

    for container in others:
        container.reload()
    assert done["failed"] == 0
    assert [container.attrs["State"]["StartedAt"] for container in others] == before


def any_answer(stack) -> bool:
    return httpx.get(f"{stack.address}/readyz", timeout=10).status_code == 200


def test_a_hanging_beat_makes_the_container_unhealthy(celery):
    pid = processes(celery)["beat"]

    celery.exec_run(["sh", "-c", f"kill -STOP {pid}"])

    poll(lambda: not healthy(celery), what="an unhealthy container", seconds=180, every=2)
    celery.exec_run(["sh", "-c", f"kill -{signal.SIGCONT.value} {pid}"])
    poll(lambda: healthy(celery), what="a healthy container again", seconds=120)


@pytest.mark.parametrize("name", ["SECRET_KEY", "DB_PASSWORD"])
def test_a_process_without_its_secret_says_which_and_ends(services, name):
    image = services["backend"].attrs["Config"]["Image"]
    secrets = {"SECRET_KEY": "a" * 50, "DB_PASSWORD": "b"}
    del secrets[name]

    code, output = run_once(services, image, secrets)

    assert code != 0
    assert output.strip().splitlines()[-1] == (
        f"{name} is not set: mount a secret and name it in {name}_FILE, or set {name}."
    )


def run_once(services, image: str, environment: dict[str, str]) -> tuple[int, str]:
    container = services.client.containers.run(image, environment=environment, detach=True, network_mode="none")
    try:
        return container.wait(timeout=60)["StatusCode"], container.logs().decode()
    finally:
        container.remove(force=True, v=True)
