"""Where the unix sockets lie: beside the data, or in a short private directory when that path is too long."""

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bundle.control import SOCKET
from bundle.errors import BundleError

# macOS takes 103 bytes, Linux 107. supervisord first binds `supervisor.sock.<pid>`.
LONGEST_PATH = 103
LONGEST_NAME = f"{SOCKET}.4194304"


def directory(run_dir: Path, environ: Mapping[str, str]) -> Path:
    """Choose the directory; the same checkout and stack always get the same one."""
    beside = run_dir / "sockets"
    return beside if _fits(beside) else _short_base(environ) / _private_name(run_dir)


def prepare(path: Path) -> None:
    """Make the directory, and refuse one that somebody else put in its place."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = path.lstat()
    if not stat.S_ISDIR(facts.st_mode) or (facts.st_uid != os.geteuid() and os.geteuid() != 0):
        raise BundleError(
            f"{path} is needed for sockets but belongs to somebody else: remove it, or set XDG_RUNTIME_DIR."
        )
    path.chmod(0o700)


def remove(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)


def _fits(path: Path) -> bool:
    return len(os.fsencode(path / LONGEST_NAME)) <= LONGEST_PATH


def _private_name(run_dir: Path) -> str:
    digest = hashlib.sha256(os.fsencode(run_dir)).hexdigest()[:12]
    return f"deskbeat-{os.geteuid()}-{digest}"


def _short_base(environ: Mapping[str, str]) -> Path:
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    if runtime and Path(runtime).is_dir() and os.access(runtime, os.W_OK) and _fits(Path(runtime) / ("d" * 30)):
        return Path(runtime)
    base = Path(tempfile.gettempdir())
    return base if _fits(base / ("d" * 30)) else Path("/tmp")  # noqa: S108
