"""Two commands at once: the second waits for the first."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bundle import terminal


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold an exclusive lock; the kernel frees it however this process ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            terminal.note(f"Another command holds {path.name}: waiting for it ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
