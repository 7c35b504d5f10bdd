"""The generated folders against what was rendered, as sets of files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

REMEDY = "run: make render"
EXECUTABLE = 0o111


@dataclass(frozen=True)
class Drift:
    """What stands between the folders and the source; paths are relative to the checkout."""

    missing: list[Path]
    orphan: list[Path]
    stale: list[Path]

    def lines(self) -> list[str]:
        kinds = {"missing": self.missing, "orphan": self.orphan, "stale": self.stale}
        return [f"{kind}: {path} ({REMEDY})" for kind, paths in kinds.items() for path in paths]


def compare(root: Path, folders: Iterable[Path], expected: Mapping[Path, str]) -> Drift:
    """Compare bytes and who may run it: a line ending that an editor changed is drift too."""
    found = {path.relative_to(root) for folder in folders for path in (root / folder).rglob("*") if not path.is_dir()}
    both = expected.keys() & found
    return Drift(
        missing=sorted(expected.keys() - found),
        orphan=sorted(found - expected.keys()),
        stale=sorted(path for path in both if not _same(root / path, expected[path])),
    )


def _same(path: Path, text: str) -> bool:
    return path.read_bytes() == text.encode() and (path.stat().st_mode & EXECUTABLE == _mode(text) & EXECUTABLE)


def _mode(text: str) -> int:
    """A file with an interpreter in its first line is a program."""
    return 0o755 if text.startswith("#!") else 0o644


def write(root: Path, folders: Iterable[Path], expected: Mapping[Path, str]) -> Drift:
    """Make the folders what was rendered; tell what was not so before."""
    drift = compare(root, folders, expected)
    for path in drift.orphan:
        (root / path).unlink()
    for path in [*drift.missing, *drift.stale]:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(expected[path].encode())
        (root / path).chmod(_mode(expected[path]))
    return drift
