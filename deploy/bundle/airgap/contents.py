"""What an archive holds, and where: the names that `airgap` writes and `airgap-load` reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

IMAGES = "images.tar"
MANIFEST = "manifest.json"
CHECKSUMS = "SHA256SUMS"
BILLS = "sbom"
# Where archives are written and, from a checkout, unpacked.
FOLDER = "dist"
SUFFIX = ".tar.gz"
# What somebody needs to run, read and rebuild the stack. A name that is not here does not travel: a checkout may hold
# private files of whoever works in it.
TREE = (
    "Makefile",
    "README.md",
    "pyproject.toml",
    ".dockerignore",
    "deploy",
    "docs",
    "entrypoints",
    "requirements",
    "services",
)
LEFT_OUT = {"__pycache__", "tests", ".env"}


@dataclass(frozen=True)
class Member:
    """A file of the archive: its path in there, and where it is now."""

    name: str
    path: Path


def tree(root: Path) -> Iterator[Member]:
    """List the files of the checkout that travel, in a fixed order."""
    for place in (root / name for name in TREE):
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        for path in found:
            relative = path.relative_to(root)
            if path.is_file() and not LEFT_OUT & set(relative.parts):
                yield Member(str(relative), path)
