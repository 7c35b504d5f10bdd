"""What travels, and what is refused before anything is loaded."""

import json
from pathlib import Path

import pytest

from bundle.airgap import checksums, contents, load
from bundle.airgap.contents import Member
from bundle.errors import BundleError
from tests.checkout import ROOT


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """A tree with two files, as it comes out of an archive."""
    for name in ("deploy/stack.toml", "images.tar"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    members = [Member(name, tmp_path / name) for name in ("deploy/stack.toml", "images.tar")]
    (tmp_path / contents.CHECKSUMS).write_text(checksums.text(members))
    return tmp_path


def test_what_somebody_needs_to_run_it_travels():
    names = {member.name for member in contents.tree(ROOT)}

    assert names >= {
        "Makefile",
        "README.md",
        "deploy/stack.toml",
        "deploy/compose/compose.yaml",
        "deploy/bundle/__main__.py",
        "entrypoints/web.sh",
        "docs/runbooks/worker-unhealthy.md",
        "requirements/celery.txt",
        "services/backend/manage.py",
    }


def test_nothing_private_and_no_test_travels(tmp_path: Path):
    for name in ("deploy/compose/.env", ".env", "deploy/tests/test_x.py", ".run/ticketing/secrets/key", "notes"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("private")
    (tmp_path / "Makefile").write_text("up:\n")

    assert [member.name for member in contents.tree(tmp_path) if member.path.exists()] == ["Makefile"]


def test_a_whole_archive_is_accepted(unpacked: Path):
    assert checksums.verify(unpacked) == 2


def test_one_changed_byte_is_refused_by_name(unpacked: Path):
    (unpacked / "images.tar").write_text("images.taR")

    with pytest.raises(BundleError) as refused:
        checksums.verify(unpacked)

    assert str(refused.value) == (
        "Not what SHA256SUMS says: images.tar. Copy and unpack the archive again; nothing was loaded."
    )


def test_a_missing_file_is_refused_by_name(unpacked: Path):
    (unpacked / "deploy/stack.toml").unlink()

    with pytest.raises(BundleError, match=r"deploy/stack\.toml"):
        checksums.verify(unpacked)


def test_missing_checksums_are_refused(unpacked: Path):
    (unpacked / contents.CHECKSUMS).unlink()

    with pytest.raises(BundleError, match=r"SHA256SUMS cannot be read .*: unpack the archive again"):
        checksums.verify(unpacked)


def test_no_archive_is_said_with_the_way_to_one(typed):
    with pytest.raises(BundleError) as refused:
        load.go_on_in(typed(), "")

    assert str(refused.value) == ("There is no archive in dist/: write one with `make airgap`, or give ARCHIVE=.")


def test_what_is_no_archive_is_refused(typed, tmp_path: Path):
    (tmp_path / "holiday.jpg").write_bytes(b"\xff\xd8")

    with pytest.raises(BundleError, match=r"holiday\.jpg is no archive of `make airgap`"):
        load.go_on_in(typed(PATH="/usr/bin:/bin"), str(tmp_path / "holiday.jpg"))


def test_an_archive_for_another_architecture_is_refused(typed, unpacked: Path, tmp_path_factory):
    engine = tmp_path_factory.mktemp("bin") / "docker"
    engine.write_text("#!/bin/sh\necho amd64\n")
    engine.chmod(0o755)
    (unpacked / contents.MANIFEST).write_text(json.dumps({"architecture": "arm64", "images": {}, "optional": []}))

    with pytest.raises(BundleError) as refused:
        load.load(typed(), {"PATH": f"{engine.parent}:/usr/bin:/bin"})

    assert str(refused.value) == "The archive's images are for arm64 and this engine runs amd64: make one there."
