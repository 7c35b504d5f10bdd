"""How much of the processor a tree of processes has used: what a busy machine does not blur, unlike the time."""

import os
from collections.abc import Iterator
from pathlib import Path

SECONDS = 1 / os.sysconf("SC_CLK_TCK")
# /proc/PID/stat after the name in brackets: parent, and what it and its children that are gone used, user and system.
PARENT, USED = 1, slice(11, 15)


def used(root: int) -> tuple[float, float]:
    """Return the seconds used by the process itself, and by all below it, those that have ended included."""
    fields = dict(_processes())
    own = fields[root][USED]
    below = sum(sum(fields[pid][USED]) for pid in _below(root, fields)) + sum(own[2:])
    return sum(own[:2]) * SECONDS, below * SECONDS


def _below(root: int, fields: dict[int, list[int]]) -> Iterator[int]:
    for pid, values in fields.items():
        if values[PARENT] == root:
            yield pid
            yield from _below(pid, fields)


def _processes() -> Iterator[tuple[int, list[int]]]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue  # it has just ended
        _state, *numbers = text.rpartition(") ")[2].split()
        yield int(stat.parent.name), [0, *map(int, numbers)]
