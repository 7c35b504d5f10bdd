"""Numbers of the running containers: size, memory at rest, cost of a probe."""

import json
import re
from collections.abc import Mapping

from bundle.containers import commands, images, state
from bundle.invocation import Invocation
from bundle.process import capture

PROBES = 20
EXPLANATION = [
    "resident: pages of processes and tmpfs (memory.stat: rss or anon, and shmem); with cache: what docker stats shows",
    f"probe: its own command, {PROBES} times inside the container; user and system time of its processes, by `times`",
]
# `times` prints the shell's own line and, below it, user and system time of its children: the probes alone.
SCRIPT = f'i=0; while [ $i -lt {PROBES} ]; do "$@" >/dev/null 2>&1; i=$((i+1)); done; times'
STATISTICS = "cat /sys/fs/cgroup/memory/memory.stat 2>/dev/null || cat /sys/fs/cgroup/memory.stat"
CHILDREN = re.compile(r"(\d+)m([\d.]+)s\s+(\d+)m([\d.]+)s")


def rows(invocation: Invocation, found: list[state.Container], environ: Mapping[str, str]) -> list[tuple[str, ...]]:
    used = state.memory(found, environ)
    lines: list[tuple[str, ...]] = [("service", "image", "size", "resident", "with cache", "CPU of a probe")]
    for one in found:
        name = str(one.facts["Config"]["Image"])
        memory = (megabytes(_resident(one, environ)), megabytes(used.get(one.name, 0)))
        lines.append((one.name, name, _size(name, environ), *memory, _probe_cost(one, environ)))
    base = images.base(invocation)
    return [*lines, ("(shared by all)", base, _size(base, environ), "-", "-", "-")]


def _resident(container: state.Container, environ: Mapping[str, str]) -> int:
    """Ask the container's own cgroup, of either version."""
    if not container.running:
        return 0
    command = commands.execute(container.id, ["sh", "-c", STATISTICS], terminal=False)
    return resident(capture(command, env=environ).out)


def resident(text: str) -> int:
    """Add up what cannot be dropped: `total_rss` and `total_shmem` of version 1, `anon` and `shmem` of version 2."""
    numbers = {name: int(value) for name, _, value in (line.partition(" ") for line in text.splitlines())}
    if "total_rss" in numbers:
        return numbers["total_rss"] + numbers.get("total_shmem", 0)
    return numbers.get("anon", 0) + numbers.get("shmem", 0)


def megabytes(size: int) -> str:
    return f"{size / 1_000_000:.0f} MB" if size else "-"


def _size(image: str, environ: Mapping[str, str]) -> str:
    found = json.loads(capture(commands.inspect_image(image), env=environ).out or "[]")
    return megabytes(found[0]["Size"]) if found else "-"


def _probe_cost(container: state.Container, environ: Mapping[str, str]) -> str:
    if not container.running or not container.probe:
        return "-"
    command = commands.execute(container.id, ["sh", "-c", SCRIPT, "sh", *container.probe], terminal=False)
    return f"{children_seconds(capture(command, env=environ).out) / PROBES:.4f} s"


def children_seconds(text: str) -> float:
    """Read user plus system time of the children from what `times` printed."""
    found = CHILDREN.findall(text)
    if len(found) < 2:
        return 0.0
    minutes, seconds, system_minutes, system_seconds = (float(part) for part in found[1])
    return minutes * 60 + seconds + system_minutes * 60 + system_seconds
