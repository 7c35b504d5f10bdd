"""What this tree says about itself is so. What deploy/stack.toml says: tests/unit/bundle/test_promises.py."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

from bundle.__main__ import VERBS
from bundle.verbs import demo
from config.celery import app
from config.queues import SHARED_QUEUES
from core.schedules.jobs import declared_jobs
from tests.checkout import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z][\w-]*):(?!=)", MAKEFILE, re.MULTILINE)
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
# Assembled, so that this file passes its own test.
HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pypi", "python", "org"),
        ("pythonhosted", "org"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("snapshot", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("docker", "io"),
        ("gcr", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
        ("public", "ecr", "aws"),
    )
]
INDEX_OPTIONS = ("index-url", "find-links", "trusted-host", "registry-mirror", "PIP_INDEX")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_is_phony_and_has_a_sentence(target: str) -> None:
    assert re.search(rf"^\.PHONY: {target}\n{target}:.* ## [A-Z].+$", MAKEFILE, re.MULTILINE)


def test_a_verb_is_a_module_and_a_line_in_the_table() -> None:
    files = {path.stem for path in (ROOT / "deploy/bundle/verbs").glob("*.py")} - {"__init__"}
    modules = {name.replace("_", "-") for name in files}

    assert modules == VERBS.keys()
    assert set(re.findall(r"\$\(BUNDLE(?:_DEV)?\) ([a-z-]+)", MAKEFILE)) == modules


def test_every_schedule_names_a_registered_task() -> None:
    app.loader.import_default_modules()
    app.finalize()

    assert [spec for spec in declared_jobs() if spec.task not in app.tasks] == []


def test_every_schedule_goes_to_a_queue_that_is_declared() -> None:
    assert app.conf.task_default_queue == SHARED_QUEUES[0]
    assert {spec.queue for spec in declared_jobs()} - set(SHARED_QUEUES) == set()


def test_every_management_command_that_is_written_down_exists() -> None:
    pages = [ROOT / "README.md", ROOT / "Makefile", *(ROOT / "docs").rglob("*.md"), ROOT / "deploy/bundle/verbs/up.py"]
    written = {
        name
        for page in pages
        for name in re.findall(r"""(?:CMD="?|manage\.py )([a-z_]{3,})""", page.read_text(encoding="utf-8"))
    }
    of_the_demo = {words[0] for words in (demo.SEED, demo.SHOW)}

    assert "create_token" in written
    assert (written | of_the_demo) - get_commands().keys() == set()


def test_every_make_target_that_is_written_down_exists() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "services").rglob("*.md")]
    used = {
        target
        for page in pages
        for target in re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    }

    assert used - set(TARGETS) == set()


@pytest.mark.parametrize("script", sorted((ROOT / "entrypoints").iterdir()), ids=lambda path: path.name)
def test_an_entrypoint_is_an_executable_posix_script(script: Path) -> None:
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").startswith("#!/bin/sh\n")


@pytest.mark.parametrize("library", ["celery", "redis"])
def test_no_folder_of_ours_hides_a_library(library: str) -> None:
    assert not (ROOT / "services" / library / "__init__.py").exists()


def test_no_file_names_where_packages_come_from() -> None:
    texts = {path: path.read_bytes().decode(errors="replace") for path in tracked()}

    assert [(path.name, host) for path, text in texts.items() for host in HOSTS if host in text] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_a_lock_has_hashes_for_every_package_and_no_index_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    packages = re.findall(r"^\S.*(?:\n {4}.*)*", text, re.MULTILINE)

    assert [
        package for package in packages if not re.match(r"[\w.\[\],-]+==\S+.*\\\n {4}--hash=sha256:", package)
    ] == []
    assert [option for option in INDEX_OPTIONS if option in text] == []
    assert "://" not in text


def test_the_readme_is_read_in_one_go() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 80
