"""The virtual environments: made from a lock, and touched again only when that lock has changed."""

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path

from bundle import locking, terminal
from bundle.errors import BundleError
from bundle.process import Result, capture

# Which installed locks will do for the one that is asked for: dev holds everything that host needs.
SATISFIED_BY = {"host": ("host", "dev"), "dev": ("dev",), "compose": ("compose",), "dokploy": ("dokploy", "dev")}
STAMP = ".lock-installed"


def ensure(root: Path, lock: str, directory: Path) -> Path:
    """Bring `directory` to the lock requirements/<lock>.txt and return its Python."""
    python = directory / "bin" / "python"
    with locking.held(root / ".run" / f".{directory.name.lstrip('.')}.lock"):
        if not (current(root, lock, directory) and capture([str(python), "-c", ""]).ok):
            _install(root, lock, directory)
    return python


def current(root: Path, lock: str, directory: Path) -> bool:
    """Tell whether what the stamp names satisfies the lock, and is still that lock's content."""
    try:
        stamp = json.loads((directory / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    installed = stamp.get("lock")
    return installed in SATISFIED_BY[lock] and stamp.get("sha256") == digest(root, installed)


def digest(root: Path, lock: str) -> str:
    return hashlib.sha256(_requirements(root, lock).read_bytes()).hexdigest()


def uv_commands(uv: str, directory: Path, requirements: Path) -> list[list[str]]:
    python = str(directory / "bin" / "python")
    make = [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(directory)]
    return [make, [uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", str(requirements)]]


def pip_commands(directory: Path, requirements: Path, *, base: str = sys.executable) -> list[list[str]]:
    python = str(directory / "bin" / "python")
    install = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--require-hashes",
    ]
    # No upgrade of pip and no --clear: an existing environment keeps what developers added to it.
    return [[base, "-m", "venv", str(directory)], [*install, "-r", str(requirements)]]


def _install(root: Path, lock: str, directory: Path) -> None:
    requirements = _requirements(root, lock)
    (directory / STAMP).unlink(missing_ok=True)
    with terminal.step(f"Installing {requirements.relative_to(root)} into {directory.relative_to(root)}"):
        failed = _first_way_that_works(directory, requirements)
    if failed:
        raise BundleError(
            f"{requirements.relative_to(root)} could not be installed into {directory.relative_to(root)}/"
            f" ({failed.last_words}): check the network and the package index, then repeat the command."
        )
    stamp = {"lock": lock, "sha256": digest(root, lock)}
    (directory / STAMP).write_text(json.dumps(stamp) + "\n", encoding="utf-8")


def _first_way_that_works(directory: Path, requirements: Path) -> Result | None:
    """Try uv where it is installed, then pip: uv does not read pip's settings for an index or a proxy."""
    uv = shutil.which("uv")
    if uv and not _first_failure(uv_commands(uv, directory, requirements)):
        return None
    return _first_failure(pip_commands(directory, requirements))


def _first_failure(commands: list[list[str]]) -> Result | None:
    environ = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    for command in commands:
        result = capture(command, env=environ)
        if not result.ok:
            return result
    return None


def _requirements(root: Path, lock: str) -> Path:
    return root / "requirements" / f"{lock}.txt"
