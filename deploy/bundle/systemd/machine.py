"""What must be true of this machine before anything on it is changed."""

import os
import shlex
from pathlib import Path

from bundle import terminal
from bundle.errors import BundleError

SUPPORTED = ("12", "13")
OS_RELEASE = Path("/etc/os-release")
SYSTEMD = Path("/run/systemd/system")
MEMORY = Path("/proc/meminfo")


def refuse_unfit(command: str) -> None:
    refuse_other_than_root(os.geteuid(), command)
    refuse_other_systems(_text(OS_RELEASE))
    if not SYSTEMD.is_dir():
        raise BundleError(
            "systemd does not run this machine: use `make up`, which needs none, or DESTDIR=/some/where to stage only."
        )


def refuse_other_than_root(uid: int, command: str) -> None:
    if uid:
        raise BundleError(f"Units, users and /etc are root's: run `sudo {command}`.")


def refuse_other_systems(os_release: str) -> None:
    """Accept what the units and the package names were tried on."""
    words = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    known = {name: "".join(shlex.split(value)) for name, value in words.items()}
    if known.get("ID") != "debian" or known.get("VERSION_ID") not in SUPPORTED:
        found = known.get("PRETTY_NAME") or "an unknown system"
        raise BundleError(f"This is {found}: supported are Debian {' and '.join(SUPPORTED)}; elsewhere use `make up`.")


def warn_of_little_memory(needed_mb: int) -> None:
    total = memory_mb(_text(MEMORY))
    if total and total < needed_mb:
        terminal.note(
            f"This machine has {total} MB of memory, and the stack may use {needed_mb} MB: expect it to swap."
        )


def memory_mb(meminfo: str) -> int:
    for line in meminfo.splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) // 1024
    return 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
