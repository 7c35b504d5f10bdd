import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from bundle import lines, process
from tests.checkout import ROOT

ENTRY = {"ts": "2026-11-21T09:00:00.123Z", "level": "info", "logger": "celery.app.trace", "process": "MainProcess"}


def readable(event: str, **fields: object) -> str:
    return lines.readable("celery", json.dumps({**ENTRY, "event": event, **fields}))


def test_a_line_shows_time_level_service_logger_event_and_ids() -> None:
    assert readable("Archived 3 tickets", archived=3, failed=0, task_id="9f-1") == (
        "2026-11-21 09:00:00 INFO     celery   celery.app.trace: Archived 3 tickets failed=0 task_id=9f-1"
    )


def test_what_the_event_says_is_not_said_twice() -> None:
    shown = readable("Task a.b[9f-1] succeeded in 0.5s: None", task_id="9f-1", task_name="a.b", runtime_s=0.5, tries=2)

    assert shown.endswith("celery.app.trace: Task a.b[9f-1] succeeded in 0.5s: None tries=2")


def test_a_traceback_stands_below_its_line() -> None:
    shown = readable("failed", level="error", exc="Traceback:\n\n  File x\nOSError: full")

    assert shown.splitlines()[1:] == ["    Traceback:", "      File x", "    OSError: full"]


def test_a_control_character_never_reaches_the_terminal() -> None:
    assert readable("GET /\x1b[2J").endswith(": GET /\\x1b[2J")


@pytest.mark.parametrize("line", ["1:M * Ready", "[1, 2]", '{"level": "info"}', "{", "  two  blanks "])
def test_what_is_no_event_passes_unchanged(line: str) -> None:
    assert lines.readable("redis", line) == line


def test_compose_says_which_container_a_line_is_from() -> None:
    origin = lines.prefixed("shop")

    assert origin("shop-db       | {} | x") == ("db", "{} | x")
    assert origin("celery-1      | {}") == ("celery-1", "{}")


def test_tail_says_which_file_the_lines_below_are_from() -> None:
    origin = lines.headed(Path("/run/web.log"))

    found = [origin(line) for line in ("a", "", "==> /run/beat.log <==", "b")]

    assert found == [("web", "a"), None, None, ("beat", "b")]


# A shell's background job, which a test run may be, hands an ignored SIGINT down; on a terminal nobody ignores it.
SHOW = """
import signal
import sys
from pathlib import Path
from bundle import lines, process
signal.signal(signal.SIGINT, signal.default_int_handler)
lines.show(["tail", "-F", sys.argv[1]], lines.headed(Path(sys.argv[1])))
"""


def test_lines_come_one_by_one_on_a_terminal_until_an_interrupt_ends_everything(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text(json.dumps({**ENTRY, "level": "error", "event": "first"}) + "\n")
    ours, theirs = pty.openpty()
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "deploy")}
    command = [sys.executable, "-c", SHOW, str(log)]
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL, env=environ) as shown:
        first = until(ours, "first")
        with log.open("a") as more:
            more.write("no json\n")
        second = until(ours, "no json")
        (tail,) = psutil.Process(shown.pid).children()
        shown.send_signal(signal.SIGINT)

    assert "\x1b[31mERROR   \x1b[0m web      celery.app.trace: first" in first
    assert second == "no json\r\n"
    assert not tail.is_running()


def until(terminal: int, word: str) -> str:
    """Read a terminal up to the line with a word."""
    read, deadline = "", time.monotonic() + 10
    while word not in read or not read.endswith("\n"):
        assert time.monotonic() < deadline, read
        read += os.read(terminal, 4096).decode()
    return read


def test_programs_side_by_side_are_read_as_they_write() -> None:
    read: list[tuple[str, str]] = []
    told = {"a": ["sh", "-c", "echo 1; sleep 0.3; echo 3 >&2"], "b": ["sh", "-c", "sleep 0.15; echo 2; exit 4"]}

    code = process.each_line_of(told, lambda name, line: read.append((name, line)), errors=True)

    assert (read, code) == ([("a", "1"), ("b", "2"), ("a", "3")], 4)
