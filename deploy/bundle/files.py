"""Files that appear whole or not at all."""

import os
import shutil
from pathlib import Path


def write(path: Path, text: str, *, mode: int, group: str | None = None) -> None:
    """Write beside and rename; nobody ever reads half of it, or has it open to others for a moment."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
    if group:
        shutil.chown(draft, group=group)
    draft.rename(path)


def link(path: Path, target: str) -> None:
    """Let a symbolic link point elsewhere in one step."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.rename(path)
