"""Missing, orphan and stale files are found, named and mended."""

from pathlib import Path

import pytest

from bundle import sync
from bundle.render import targets
from tests.checkout import ROOT, STACK

FOLDER = Path("generated")
EXPECTED = {FOLDER / "a.txt": "a\n", FOLDER / "b" / "c.txt": "c\n"}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    sync.write(tmp_path, [FOLDER], EXPECTED)
    return tmp_path


def test_what_was_written_is_in_sync(written: Path) -> None:
    assert sync.compare(written, [FOLDER], EXPECTED).lines() == []


def test_everything_is_missing_before_the_first_render(tmp_path: Path) -> None:
    assert sync.compare(tmp_path, [FOLDER], EXPECTED).lines() == [
        "missing: generated/a.txt (run: make render)",
        "missing: generated/b/c.txt (run: make render)",
    ]


def test_an_orphan_is_named_and_removed(written: Path) -> None:
    (written / FOLDER / "b" / "old.txt").touch()

    assert sync.compare(written, [FOLDER], EXPECTED).lines() == ["orphan: generated/b/old.txt (run: make render)"]
    sync.write(written, [FOLDER], EXPECTED)
    assert not (written / FOLDER / "b" / "old.txt").exists()


@pytest.mark.parametrize("content", ["b\n", "a", "a\r\n", ""])
def test_one_changed_byte_is_stale(written: Path, content: str) -> None:
    (written / FOLDER / "a.txt").write_bytes(content.encode())

    assert sync.compare(written, [FOLDER], EXPECTED).lines() == ["stale: generated/a.txt (run: make render)"]


def test_an_unchanged_file_is_not_written_again(written: Path) -> None:
    before = (written / FOLDER / "a.txt").stat().st_mtime_ns

    sync.write(written, [FOLDER], EXPECTED)

    assert (written / FOLDER / "a.txt").stat().st_mtime_ns == before


def test_this_checkout_is_in_sync() -> None:
    assert sync.compare(ROOT, targets.TARGETS, targets.files(STACK)).lines() == []
