import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bundle.systemd import release
from bundle.systemd.place import Place


@pytest.fixture
def sources(tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / "checkout"
    for name in ("entrypoints/web.sh", "services/backend/manage.py", "services/celery/x.py", "requirements/celery.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def test_equal_sources_have_one_name_and_other_sources_another(sources: Path):
    units = {"desk.target": "x"}
    name = release.identity(sources, units)
    (sources / "services/backend/tests").mkdir()
    (sources / "services/backend/tests/test_x.py").write_text("no part of a release")

    assert release.identity(sources, units) == name
    assert release.identity(sources, {"desk.target": "y"}) != name
    (sources / "services/celery/x.py").write_text("other")
    assert release.identity(sources, units) != name


def test_a_release_is_named_by_twelve_characters_that_any_file_system_takes(sources: Path):
    assert len(release.identity(sources, {})) == 12
    assert release.identity(sources, {}).isalnum()


def place_with(tmp_path: Path, *names: str) -> Place:
    place = Place("desk", root=tmp_path)
    for age, name in enumerate(names):
        path = place.at(place.releases / name)
        path.mkdir(parents=True)
        os.utime(path, (1000 - age, 1000 - age))
    return place


def test_a_half_built_release_is_none(tmp_path: Path):
    assert release.kept(place_with(tmp_path, "new", "old", ".draft-1")) == ["new", "old"]


def test_the_last_three_are_kept_and_the_one_in_use(tmp_path: Path):
    place = place_with(tmp_path, "e", "d", "c", "b", "a")

    assert release.prune(place, {"a"}) == ["b"]
    assert release.kept(place) == ["e", "d", "c", "a"]


def test_a_failed_release_is_removed_but_never_the_one_in_use(tmp_path: Path):
    place = place_with(tmp_path, "new", "old")
    release.discard(place, "old", unless="old")
    release.discard(place, "new", unless="old")

    assert release.kept(place) == ["old"]


def test_the_final_path_stands_where_the_drafts_stood_and_links_are_left(tmp_path: Path):
    binaries = tmp_path / "venv/bin"
    binaries.mkdir(parents=True)
    (tmp_path / "venv/pyvenv.cfg").write_text(f"command = python3 -m venv {tmp_path}/venv\n")
    (binaries / "celery").write_text(f"#!{tmp_path}/venv/bin/python\n")
    (binaries / "celery").chmod(0o755)
    (tmp_path / "shared").hardlink_to(binaries / "celery")
    (binaries / "python").symlink_to("/usr/bin/python3")

    release.relocate(tmp_path / "venv", tmp_path, Path("/opt/desk/releases/abc"))

    assert (binaries / "celery").read_text() == "#!/opt/desk/releases/abc/venv/bin/python\n"
    assert os.access(binaries / "celery", os.X_OK)
    assert "/opt/desk/releases/abc/venv" in (tmp_path / "venv/pyvenv.cfg").read_text()
    assert (tmp_path / "shared").read_text() == f"#!{tmp_path}/venv/bin/python\n"
    assert (binaries / "python").is_symlink()


def test_a_build_that_breaks_leaves_nothing(tmp_path: Path, sources: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(release, "PYTHON", Path("/bin/false"))
    place = Place("desk", root=tmp_path)

    with pytest.raises(release.BundleError, match="could not be installed"):
        release.build(sources, place, "abc", {})

    assert list(place.at(place.releases).iterdir()) == []
