"""A digest of source files: whether what runs is made of what lies in the checkout now."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

IGNORED_PARTS = {"__pycache__", "tests"}


def digest(root: Path, places: Sequence[str]) -> str:
    """Digest every file below the places: its path, whether it is executable, and its content."""
    result = hashlib.sha256()
    for path in _files(root, places):
        result.update(f"{path.relative_to(root)} {path.stat().st_mode & 0o111:o}\0".encode())
        result.update(path.read_bytes())
    return result.hexdigest()


def _files(root: Path, places: Sequence[str]) -> Iterator[Path]:
    for place in (root / name for name in places):
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (path for path in found if path.is_file() and not IGNORED_PARTS & set(path.relative_to(root).parts))
