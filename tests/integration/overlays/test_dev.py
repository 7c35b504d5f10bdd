"""Development in containers: the checkout's code runs, and a change of it is there a moment later."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.overlays import checkout
from tests.integration.overlays.front_door import FrontDoor
from tests.integration.stacks import started
from tests.waiting import poll

VIEWS = Path("services/backend/core/health/views.py")
TASKS = Path("services/backend/apps/tickets/tasks.py")
SETTINGS = Path("services/backend/config/settings.py")


@pytest.fixture(scope="module")
def web(tag: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontDoor]:
    """The web alone, from a copy of this checkout."""
    root = checkout.copy(tmp_path_factory.mktemp("checkout"))
    with started(FrontDoor(overlay="dev", root=root, given={"ONLY": "backend"})) as stack:
        yield stack


def answer(stack: FrontDoor, path: str = "/healthz") -> httpx.Response:
    """Ask, and take a web that is just being started again for an empty answer."""
    try:
        return httpx.get(f"{stack.address}{path}")
    except httpx.TransportError:
        return httpx.Response(503)


def test_one_service_comes_with_its_needs_and_nothing_else(web: FrontDoor) -> None:
    running = {line.split()[0].removeprefix(f"{web.name}-") for line in web.verb("status").stdout.splitlines()[1:]}

    assert running == {"backend", "db", "migrate", "redis"}
    assert answer(web).text == "ok\n"


def test_a_start_says_that_it_is_for_development(web: FrontDoor) -> None:
    assert "DEVELOPMENT" in web.up()
    assert web.logs("backend")[0]["event"].startswith("DEVELOPMENT: ")


def test_the_source_is_read_only_and_the_port_on_loopback(web: FrontDoor) -> None:
    container = web.container("backend")

    code, words = container.exec_run(["touch", "/app/services/backend/here"])
    assert (code, b"Read-only file system" in words) == (1, True)
    assert container.ports == {"8000/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(web.port)}]}


def test_a_changed_source_file_changes_the_answer(web: FrontDoor) -> None:
    checkout.change(web.root / VIEWS, '"ok\\n"', '"changed\\n"')

    poll(lambda: answer(web).text == "changed\n", what="the changed answer", seconds=30)
    assert any(f"DEVELOPMENT: {VIEWS} changed: starting again." in line for line in web.log_lines("backend"))


def test_a_changed_setting_is_taken_too(web: FrontDoor) -> None:
    """gunicorn's own reloader would keep the settings that its first process has read."""
    assert answer(web, "/admin/login/").headers["X-Frame-Options"] == "DENY"

    checkout.change(web.root / SETTINGS, 'X_FRAME_OPTIONS = "DENY"', 'X_FRAME_OPTIONS = "SAMEORIGIN"')

    def taken() -> bool:
        return answer(web, "/admin/login/").headers.get("X-Frame-Options") == "SAMEORIGIN"

    poll(taken, what="the changed setting", seconds=30)


def test_a_mistake_waits_for_its_correction(web: FrontDoor) -> None:
    checkout.change(web.root / VIEWS, "def healthz(", "def healthz((")
    # Python's own words for the mistake are no JSON.
    poll(lambda: any("the program ended (" in line for line in web.log_lines("backend")), what="the end", seconds=30)

    checkout.change(web.root / VIEWS, "def healthz((", "def healthz(")

    poll(lambda: answer(web).is_success, what="an answer again", seconds=30)


def test_a_changed_task_is_run_by_the_worker(web: FrontDoor) -> None:
    done = web.start(ONLY="")
    assert done.returncode == 0, done.stderr
    assert "Building" not in done.stderr, "unfinished code is mounted, never built into an image"
    assert "changed" not in archive(web)

    checkout.change(web.root / TASKS, "failed_of=failed_of))", 'failed_of=failed_of)) | {"changed": 1}')

    poll(lambda: archive(web).get("changed") == 1, what="the changed task's result", seconds=60)
    assert f"DEVELOPMENT: {TASKS} changed: starting again." in web.events("celery")
    assert web.container("celery").attrs["RestartCount"] == 0


def archive(stack: FrontDoor) -> dict[str, int]:
    result: dict[str, int] = json.loads(
        stack.manage("run_now", "archive-old-done-tickets", "--wait", "--timeout", "60").splitlines()[-1]
    )
    return result
