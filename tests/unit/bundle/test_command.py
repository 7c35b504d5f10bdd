"""`python -m bundle render` and `check`, as processes in a small checkout of their own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.checkout import ROOT

Bundle = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def bundle(tree: Path) -> Bundle:
    """Run a verb on the minimal stack."""
    shutil.copytree(ROOT / "deploy/bundle", tree / "deploy/bundle", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(Path(__file__).parent / "minimal.toml", tree / "deploy/stack.toml")
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tree / "deploy"), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*words: str, python: tuple[str, ...] = (sys.executable,)) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*python, "-m", "bundle", *words], env=environ, capture_output=True, text=True, check=False
        )

    return run


def test_check_passes_after_render(bundle: Bundle) -> None:
    rendered, checked = bundle("render"), bundle("check")

    assert (rendered.returncode, rendered.stderr) == (0, "")
    assert rendered.stdout.splitlines() == [
        "wrote deploy/compose/compose.yaml",
        "wrote deploy/host/supervisord.conf",
        "wrote docs/reference/environment.md",
        "wrote docs/reference/services.md",
        "wrote docs/reference/stack.md",
    ]
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_check_fails_when_one_byte_of_a_generated_file_is_changed(bundle: Bundle, tree: Path) -> None:
    bundle("render")
    content = bytearray((tree / "deploy/host/supervisord.conf").read_bytes())
    content[-2] ^= 1
    (tree / "deploy/host/supervisord.conf").write_bytes(content)

    checked = bundle("check")

    assert (checked.returncode, checked.stdout) == (1, "")
    assert checked.stderr == "stale: deploy/host/supervisord.conf (run: make render)\n"


def test_render_removes_what_it_did_not_render(bundle: Bundle, tree: Path) -> None:
    bundle("render")
    (tree / "deploy/compose/old.yaml").touch()

    assert bundle("check").stderr == "orphan: deploy/compose/old.yaml (run: make render)\n"
    assert bundle("render").stdout == "removed deploy/compose/old.yaml\n"
    assert bundle("check").returncode == 0


def test_a_broken_source_ends_with_its_sentences_and_no_traceback(bundle: Bundle, tree: Path) -> None:
    source = tree / "deploy/stack.toml"
    source.write_text(source.read_text(encoding="utf-8").replace("runbook", "runbok"), encoding="utf-8")

    done = bundle("render")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        sentence
        for name in ("store", "prepare", "web")
        for sentence in (
            f"deploy/stack.toml: service.{name}.runbok: unknown key; did you mean 'runbook'?",
            f"deploy/stack.toml: service.{name}.runbook: missing; add it"
            " (file in docs/runbooks for when it is unhealthy or has failed)",
        )
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
