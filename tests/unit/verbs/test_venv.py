import json
from pathlib import Path

import pytest

from bundle import venv


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "requirements").mkdir()
    for lock in ("host", "dev"):
        (tmp_path / "requirements" / f"{lock}.txt").write_text(f"# {lock}\n")
    (tmp_path / ".venv").mkdir()
    return tmp_path


def stamp(root: Path, lock: str) -> None:
    content = {"lock": lock, "sha256": venv.digest(root, lock)}
    (root / ".venv" / venv.STAMP).write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("installed", "wanted", "current"),
    [("host", "host", True), ("dev", "dev", True), ("dev", "host", True), ("host", "dev", False)],
)
def test_dev_satisfies_host_and_not_the_other_way(root: Path, installed: str, wanted: str, current: bool) -> None:
    stamp(root, installed)

    assert venv.current(root, wanted, root / ".venv") is current


def test_a_changed_lock_is_installed_again(root: Path) -> None:
    stamp(root, "dev")
    (root / "requirements" / "dev.txt").write_text("# newer\n")

    assert not venv.current(root, "host", root / ".venv")


def test_no_stamp_means_not_installed(root: Path) -> None:
    assert not venv.current(root, "host", root / ".venv")
