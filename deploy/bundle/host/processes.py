"""Processes of this machine: which ones a supervisord left behind, and what memory they use."""

import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from bundle.process import capture

SMAPS = "/proc/{pid}/smaps_rollup"


def boot() -> str:
    """Name this run of the machine: a pid written down before a reboot means nothing after it."""
    path = Path("/proc/sys/kernel/random/boot_id")
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    return capture(["sysctl", "-n", "kern.boottime"]).out.strip()


def alive(pid: int) -> bool:
    """Tell whether the process runs; a zombie does not."""
    state = capture(["ps", "-o", "stat=", "-p", str(pid)]).out.strip()
    return bool(state) and not state.startswith("Z")


def command(pid: int) -> str:
    return capture(["ps", "-ww", "-o", "command=", "-p", str(pid)]).out.strip()


def session_leaders(session: int) -> list[int]:
    """List the programs that a dead supervisord left: it was a session's leader, each of them leads a group in it.

    The kernel gives a number to no new process while a session bears it.
    """
    pids = [int(word) for word in capture(["ps", "-A", "-o", "pid="]).out.split()]
    return [pid for pid in pids if pid != session and _session(pid) == session and _group(pid) == pid and alive(pid)]


def send(pids: Iterable[int], what: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, what)


def family(root: int, parents: dict[int, int]) -> set[int]:
    """Collect a process and all its descendants."""
    members = {root}
    while more := {pid for pid, parent in parents.items() if parent in members} - members:
        members |= more
    return members


def memory() -> tuple[dict[int, int], dict[int, int]]:
    """Return every process' parent, and its memory in bytes."""
    rows = [line.split() for line in capture(["ps", "-A", "-o", "pid=,ppid=,rss="]).out.splitlines()]
    parents = {int(pid): int(parent) for pid, parent, _ in rows}
    return parents, {int(pid): _proportional(int(pid)) or int(rss) * 1024 for pid, _, rss in rows}


def _proportional(pid: int) -> int:
    """Count a page that n processes share as one n-th (Linux); 0 where the system does not tell."""
    try:
        lines = Path(SMAPS.format(pid=pid)).read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return 0


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except (ProcessLookupError, PermissionError):
        return 0
