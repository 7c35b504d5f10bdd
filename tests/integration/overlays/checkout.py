"""A copy of this checkout that a test may change."""

import shutil
import subprocess
from pathlib import Path

from tests.integration.stacks import ROOT


def copy(directory: Path) -> Path:
    """Copy what git knows or would add, and lend the copy this checkout's virtual environment."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, directory / name
        if source.is_file() and not source.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    (directory / ".venv").symlink_to((ROOT / ".venv").resolve())
    return directory


def change(file: Path, before: str, after: str) -> None:
    """Replace a text that must be there."""
    text = file.read_text(encoding="utf-8")
    assert before in text, f"{file.name} has no {before!r}"
    file.write_text(text.replace(before, after), encoding="utf-8")
