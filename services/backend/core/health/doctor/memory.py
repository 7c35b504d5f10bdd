"""Memory, as the kernel counts it for this container, else for this machine."""

from collections.abc import Iterator
from pathlib import Path

from core.health.findings import Finding, Group, Level, runbook

CGROUP = Path("/sys/fs/cgroup")
MEMINFO = Path("/proc/meminfo")
SHARE = 0.9


def memory(cgroup: Path = CGROUP, meminfo: Path = MEMINFO) -> Iterator[Finding | str]:
    """A container's page cache counts as used and is given back: only what cannot be is held against it."""
    limit = _text(cgroup / "memory.max")
    if limit.isdigit():
        used = int(_text(cgroup / "memory.current") or 0) - _field(cgroup / "memory.stat", "inactive_file")
        killed = _field(cgroup / "memory.events", "oom_kill")
        yield f"this container uses {used / 1e6:.0f} of {int(limit) / 1e6:.0f} MB; {killed} processes were killed"
        if killed:
            yield _finding("killed", f"The kernel killed {killed} processes of this container for its memory.")
        if used > SHARE * int(limit):
            yield _finding("memory", f"This container uses {used / 1e6:.0f} of {int(limit) / 1e6:.0f} MB.")
        return
    total, free = _field(meminfo, "MemTotal:") * 1024, _field(meminfo, "MemAvailable:") * 1024
    yield f"this machine has {free / 1e6:.0f} of {total / 1e6:.0f} MB left (no limit of a container)"
    if total and free < (1 - SHARE) * total:
        yield _finding("memory", f"This machine has {free / 1e6:.0f} of {total / 1e6:.0f} MB left.")


def _finding(subject: str, sentence: str) -> Finding:
    return Finding(Level.WARNING, Group.MEMORY, subject, sentence, runbook("memory-short"))


def _text(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""


def _field(file: Path, name: str) -> int:
    """Return the number behind a name, in a file of `name number` lines; 0 where there is none."""
    lines = (line.split() for line in _text(file).splitlines())
    return next((int(words[1]) for words in lines if words[0] == name), 0)
