"""State and numbers of the programs that supervisord runs."""

import datetime
import os
import resource

from bundle.host import daemon, health, processes
from bundle.host.environment import Place
from bundle.host.record import Record
from bundle.host.supervisor import Program
from bundle.process import capture
from bundle.runtimes import ServiceState

PROBES = 20
EXPLANATION = [
    "memory: a program with its children; a page that n processes share counts as one n-th (PSS; on macOS: RSS)",
    f"probe: entrypoints/probe.sh {PROBES} times; user and system time of its processes, by getrusage",
]


def states(place: Place, record: Record | None, leftovers: list[int]) -> list[ServiceState]:
    if record is None:
        return []
    if not daemon.answers(record):
        return [ServiceState("supervisord", f"dead; {len(leftovers)} programs run on", "unhealthy", "-")]
    used = memory(record)
    programs = daemon.connect(record).programs()
    return [_state(place, record, programs[name], used) for name in record.programs]


def memory(record: Record) -> dict[str, int]:
    """Add up the memory of each program and its children."""
    parents, used = processes.memory()
    programs = daemon.connect(record).programs().values()
    return {
        program.name: sum(used.get(pid, 0) for pid in processes.family(program.pid, parents))
        for program in programs
        if program.pid
    }


def rows(place: Place, record: Record | None) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = [("program", "state", "memory", "CPU of a probe")]
    cost = {"worker": probe_cost(place)}
    for one in states(place, record, []):
        lines.append((one.name, one.state, one.memory, cost.get(one.name, "-")))
    return lines


def probe_cost(place: Place) -> str:
    """Run the worker's probe as often as a container's report does, and take the CPU time of its processes."""
    probe = str(place.invocation.root / "entrypoints" / "probe.sh")
    before = _children_seconds()
    for _ in range(PROBES):
        capture([probe], env={**os.environ, "HEARTBEAT_FILE": str(place.heartbeat)})
    return f"{(_children_seconds() - before) / PROBES:.4f} s"


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _state(place: Place, record: Record, program: Program, used: dict[str, int]) -> ServiceState:
    since = datetime.datetime.fromtimestamp(program.started, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
    condition = health.of(program.name, place, record.environment) if program.running else program.description
    return ServiceState(program.name, program.state.lower(), condition, since, used.get(program.name))
