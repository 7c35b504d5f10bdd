"""The development reloader: a change starts the program again, its end waits for one, a stop reaches it."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime import reload
from tests.checkout import ROOT

PROGRAM = "import pathlib, time; print(pathlib.Path('services/value.py').read_text(), flush=True); time.sleep(60)"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("services/value.py", "entrypoints/web.sh"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("first")
    return tmp_path


def test_what_is_new_gone_or_changed_is_named(tree: Path) -> None:
    before = reload.snapshot(tree)
    (tree / "services/value.py").unlink()
    (tree / "services/new.html").touch()
    (tree / "services/data.json").touch()

    assert reload.changed(before, reload.snapshot(tree)) == ["services/new.html", "services/value.py"]
    assert reload.changed(before, before) == []


@pytest.fixture
def reloading(tree: Path) -> Iterator["subprocess.Popen[str]"]:
    script = str(ROOT / "services/celery/runtime/reload.py")
    command = [sys.executable, "-S", "-E", script, str(tree), sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, cwd=tree, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def read_until(process: "subprocess.Popen[str]", words: str) -> str:
    assert process.stdout is not None
    return next(line for line in process.stdout if words in line)


def test_a_change_starts_the_program_again_and_says_why(tree: Path, reloading: "subprocess.Popen[str]") -> None:
    read_until(reloading, "first")

    (tree / "services/value.py").write_text("second")

    assert "DEVELOPMENT: services/value.py changed: starting again." in read_until(reloading, "changed")
    assert read_until(reloading, "second")


def test_a_stop_reaches_the_program_and_gives_its_exit_code(reloading: "subprocess.Popen[str]") -> None:
    read_until(reloading, "first")
    began = time.monotonic()

    reloading.terminate()

    assert reloading.wait(10) == (-signal.SIGTERM) % 256
    assert time.monotonic() - began < 5


def test_a_program_that_ended_waits_for_a_change(tree: Path) -> None:
    program = reload.Program(tree, [sys.executable, "-c", "raise SystemExit(3)"])
    program.stop(5)

    program.look()
    first = program._process
    program.look()
    assert program._process is first
    (tree / "services/value.py").write_text("mended, longer")
    program.look()

    assert program._process is not first
    program.stop(5)
