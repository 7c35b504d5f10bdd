"""`python -m bundle render` and `check`, as processes in a checkout of their own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bundle.render import targets
from tests.checkout import ROOT, STACK

Bundle = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose generated folders may be spoilt; what is only looked at is the real one's."""
    for folder in ("deploy", "docs"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("services", "entrypoints"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    return tmp_path


@pytest.fixture
def bundle(checkout: Path) -> Bundle:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(checkout / "deploy"), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*words: str, python: tuple[str, ...] = (sys.executable,)) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*python, "-m", "bundle", *words], env=environ, capture_output=True, text=True, check=False
        )

    return run


def test_check_passes_after_render(bundle: Bundle, checkout: Path) -> None:
    for folder in targets.TARGETS:
        shutil.rmtree(checkout / folder)

    rendered, checked = bundle("render"), bundle("check")

    assert (rendered.returncode, rendered.stderr) == (0, "")
    assert rendered.stdout.splitlines() == [f"wrote {path}" for path in sorted(targets.files(STACK))]
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_check_fails_when_one_byte_of_a_generated_file_is_changed(bundle: Bundle, checkout: Path) -> None:
    content = bytearray((checkout / "deploy/host/supervisord.conf").read_bytes())
    content[-2] ^= 1
    (checkout / "deploy/host/supervisord.conf").write_bytes(content)

    checked = bundle("check")

    assert (checked.returncode, checked.stdout) == (1, "")
    assert checked.stderr == "stale: deploy/host/supervisord.conf (run: make render)\n"


def test_render_removes_what_it_did_not_render(bundle: Bundle, checkout: Path) -> None:
    (checkout / "deploy/compose/old.yaml").touch()

    assert bundle("check").stderr == "orphan: deploy/compose/old.yaml (run: make render)\n"
    assert bundle("render").stdout == "removed deploy/compose/old.yaml\n"
    assert bundle("check").returncode == 0


def test_a_broken_source_ends_with_its_sentences_and_no_traceback(bundle: Bundle, checkout: Path) -> None:
    source = checkout / "deploy/stack.toml"
    line = 'runbook = "database-unhealthy.md"'
    source.write_text(source.read_text(encoding="utf-8").replace(line, line.replace("book", "bok")), encoding="utf-8")

    done = bundle("render")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "deploy/stack.toml: service.db.runbok: unknown key; did you mean 'runbook'?",
        "deploy/stack.toml: service.db.runbook: missing; add it"
        " (file in docs/runbooks for when it is unhealthy or has failed)",
    ]


def test_verbs_other_than_render_need_no_package(bundle: Bundle) -> None:
    """-S: no site packages, as on a machine where nothing was installed."""
    bare = (sys.executable, "-S")

    listed, rendered = bundle("down", "--help", python=bare), bundle("render", python=bare)

    assert (listed.returncode, listed.stderr) == (0, "")
    assert rendered.returncode == 1
    assert rendered.stderr == (
        f"bundle render: PyYAML is not installed for {sys.executable}; run `make render`, which uses .venv\n"
    )
