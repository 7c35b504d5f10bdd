"""The scripts say what they do, and start the entrypoints with what the stack says of each type of worker."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT

SCRIPTS = ("start_celery_worker.py", "celery_manager.py")


def script(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / name), *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)


@pytest.fixture
def spoken(tmp_path: Path) -> str:
    """A PATH on which `celery` says how it was called."""
    program = tmp_path / "celery"
    program.write_text('#!/bin/sh\necho "$@"\necho "processes $CELERY_CONCURRENCY"\n')
    program.chmod(0o755)
    return f"{tmp_path}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.parametrize("name", SCRIPTS)
def test_help_names_every_command(name: str) -> None:
    helped = script(name, "--help")

    assert helped.returncode == 0
    assert all(word in helped.stdout for word in ("worker", "beat", "flower"))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_worker_of_a_type_takes_its_queues(name: str, spoken: str) -> None:
    started = script(name, "worker", "--worker-type", "ml", "--concurrency", "3", PATH=spoken)

    assert "-A config worker" in started.stdout
    assert "--queues ml_tasks" in started.stdout
    assert started.stdout.endswith("processes 3\n")


def test_workers_of_two_types_on_one_machine_have_two_names(spoken: str) -> None:
    pricing, ml = (
        script("start_celery_worker.py", "worker", "--worker-type", kind, PATH=spoken, NODE_NAME="").stdout
        for kind in ("pricing", "ml")
    )

    assert "-worker-pricing\n" in pricing and "--hostname=celery@" in pricing
    assert "-worker-ml\n" in ml


@pytest.mark.parametrize("command", [["active"], ["purge", "--dry-run"], ["worker"], ["flower"]])
def test_without_the_packages_one_sentence_says_what_to_do(command: list[str], tmp_path: Path) -> None:
    for folder in ("scripts", "deploy", "entrypoints", "services/backend"):
        (tmp_path / folder).mkdir(parents=True)
    for file in (*(f"scripts/{name}" for name in SCRIPTS), "deploy/stack.toml"):
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())

    program = [sys.executable, str(tmp_path / "scripts/celery_manager.py"), *command]
    done = subprocess.run(program, env={"PATH": "/bin"}, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("celery is not on PATH, and this checkout has no .venv: run `make venv`")
    assert len(done.stderr.splitlines()) == 1


def test_flower_listens_where_it_is_told(spoken: str) -> None:
    assert "--port=5556" in script("start_celery_worker.py", "flower", "--port", "5556", PATH=spoken).stdout


@pytest.mark.parametrize("question", ["active", "scheduled", "registered", "stats"])
def test_the_workers_are_asked(question: str, spoken: str) -> None:
    assert f"-A config inspect {question}" in script("celery_manager.py", question, PATH=spoken).stdout


def test_a_type_that_is_not_there_is_refused() -> None:
    refused = script("start_celery_worker.py", "worker", "--worker-type", "huge")

    assert refused.returncode == 2
    assert "invalid choice: 'huge'" in refused.stderr
