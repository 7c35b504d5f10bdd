"""The web's static files of a checkout: collected once per change, one process at a time."""

from collections.abc import Callable
from pathlib import Path

from bundle import locking, sources

STAMP = ".run/.static"
SOURCES = ("services/backend", "requirements/host.txt")


def ensure(root: Path, collect: Callable[[], object]) -> None:
    """Call `collect` when the sources of `root/static` have changed since it last ended well.

    Every collector of one checkout comes through here: two at once delete each other's files.
    """
    stamp = root / STAMP
    with locking.held(root / ".run" / ".static.lock"):
        wanted = sources.digest(root, SOURCES)
        if (root / "static").is_dir() and stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
            return
        collect()
        stamp.write_text(wanted, encoding="ascii")
