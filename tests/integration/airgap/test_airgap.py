"""One archive is enough: an engine that has lost the images runs the stack from it, and archives a ticket."""

import json
import os
import secrets
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.stacks import ROOT, outside_environment
from tests.servers import free_port

IMAGES = {"backend", "celery", "postgres", "redis"}


@dataclass(frozen=True)
class Place:
    """A checkout or an unpacked archive, and what somebody types in it."""

    directory: Path
    environment: dict[str, str]

    def make(self, *words: str) -> "subprocess.CompletedProcess[str]":
        command = ["make", *words]
        return subprocess.run(
            command, cwd=self.directory, env=self.environment, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    name = f"test-{secrets.token_hex(3)}"
    own = {"STACK_NAME": name, "TAG": name, "WEB_PORT": str(free_port()), "YES": "1"}
    return {**outside_environment(), **own}


@pytest.fixture(scope="module")
def archive(docker: None, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Write the archive in the checkout; then take it away, and the images from the engine."""
    name = environment["TAG"]
    written = Place(ROOT, environment).make("airgap")
    try:
        assert written.returncode == 0, written.stdout + written.stderr
        (made,) = (ROOT / "dist").glob(f"deskbeat-{name}-*.tar.gz")
        yield Path(shutil.move(made, tmp_path_factory.mktemp("stick")))
    finally:
        remove(images(name))
        (ROOT / ".run" / f".images-{name}.json").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def offline(archive: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Unpack the archive where nothing of the checkout is, on an engine without its images."""
    remove(images(environment["TAG"]))
    directory = tmp_path_factory.mktemp("offline")
    subprocess.run(["tar", "-xf", str(archive), "-C", str(directory)], check=True)
    place = Place(directory / f"deskbeat-{environment['TAG']}", environment)
    try:
        yield place
    finally:
        place.make("destroy")


@pytest.fixture(scope="module")
def loaded(offline: Place) -> Place:
    assert images(offline.environment["TAG"]) == set()
    done = offline.make("airgap-load")
    assert done.returncode == 0, done.stdout + done.stderr
    return offline


def images(tag: str) -> set[str]:
    line = ["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]
    listed = subprocess.run(line, capture_output=True, text=True, check=True, env=os.environ).stdout.split()
    return {name for name in listed if name.endswith(f":{tag}")}


def remove(names: set[str]) -> None:
    if names:
        subprocess.run(["docker", "image", "rm", *names], capture_output=True, check=True)


def test_a_ticket_is_archived_from_the_archive_alone(loaded: Place):
    shown = loaded.make("demo")

    assert shown.returncode == 0, shown.stdout + shown.stderr
    (told,) = [line[line.index("{") :] for line in shown.stdout.splitlines() if '"archived"' in line]
    assert json.loads(told) == {"examined": 7, "archived": 7, "failed": 0}


def test_the_loaded_images_are_those_of_the_archive(loaded: Place):
    tag = loaded.environment["TAG"]
    manifest = json.loads((loaded.directory / "manifest.json").read_text())

    assert {name.rpartition("/")[2] for name in manifest["images"]} == {f"{image}:{tag}" for image in IMAGES}
    assert images(tag) == manifest["images"].keys()


def test_the_next_start_builds_nothing(loaded: Place):
    again = loaded.make("up")

    assert again.returncode == 0, again.stdout + again.stderr
    assert "was running and is up to date" in again.stdout
    assert "Building" not in again.stderr


def test_the_checksums_are_those_of_sha256sum(offline: Place):
    line = ["sha256sum", "--check", "--quiet", "SHA256SUMS"]

    done = subprocess.run(line, cwd=offline.directory, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_each_image_has_a_bill_with_debian_and_python_packages(offline: Place):
    bills = {path.name.partition(".")[0]: json.loads(path.read_text()) for path in offline.directory.glob("sbom/*")}

    named = {image: {component["name"] for component in bill["components"]} for image, bill in bills.items()}
    assert named.keys() == IMAGES
    assert {"Django", "celery", "libc6"} <= named["backend"]
    assert {"supervisor"} <= named["celery"] - named["backend"]
    assert {"postgresql-17", "bash"} <= named["postgres"]
    assert {"redis-server"} <= named["redis"]


def test_a_damaged_archive_starts_nothing(archive: Path, environment: dict[str, str], tmp_path: Path):
    with tarfile.open(archive) as packed:
        small = [entry for entry in packed if not entry.name.endswith(("images.tar", "docker-compose"))]
        packed.extractall(tmp_path, members=small, filter="data")
    directory = tmp_path / f"deskbeat-{environment['TAG']}"
    (directory / "images.tar").write_bytes(b"half of it")

    done = Place(directory, environment | {"STACK_NAME": f"{environment['STACK_NAME']}-x"}).make("airgap-load")

    assert done.returncode != 0
    assert "Not what SHA256SUMS says: images.tar" in done.stderr
    assert not (directory / ".run" / f"{environment['STACK_NAME']}-x" / "secrets").exists()
