"""The units of systemd: what they run, and how much of their service is theirs."""

from collections.abc import Iterator
from dataclasses import replace

from bundle.model import Service, Share, Stack, Unit


def service_name(stack: Stack, unit: Unit) -> str:
    """Name the service that a unit stands for: its program's, or the one that runs once."""
    program = stack.program.get(unit.runs)
    return program.service if program else unit.runs


def service(stack: Stack, unit: Unit) -> Service:
    return stack.service[service_name(stack, unit)]


def command(stack: Stack, unit: Unit) -> tuple[str, ...]:
    program = stack.program.get(unit.runs)
    return program.command if program else stack.service[unit.runs].command


def of_service(stack: Stack, name: str) -> list[Unit]:
    return [unit for unit in stack.unit.values() if service_name(stack, unit) == name]


def share(stack: Stack, unit: Unit) -> Share:
    """Give its part of the service's limits: the whole, unless it has a share."""
    whole = service(stack, unit).resources
    return unit.share or Share(memory_mb=whole.memory_mb, pids=whole.pids)


def stop_seconds(stack: Stack, unit: Unit) -> int:
    """Give the time until systemd kills it: what a container would get, where a running task is waited for."""
    served = service(stack, unit)
    return unit.stop_seconds or (stack.times.grace_seconds if served.runs_tasks else served.stop_seconds or 0)


def debian_units(stack: Stack, unit: Unit) -> list[str]:
    """Name the units of Debian's servers that its service needs, where they are on the same machine."""
    needed = [stack.service[name] for name in service(stack, unit).needs]
    return [other.debian_unit.format(stack=stack.name) for other in needed if other.debian_unit]


def of_types(stack: Stack) -> Iterator[tuple[str, Stack, Unit]]:
    """Give each type of worker by the name of its node (`worker@ml`), as a unit of a stack whose worker it is."""
    for unit in stack.unit.values():
        for kind in stack.service.values() if unit.nodes else ():
            if kind.profile and kind.like == service_name(stack, unit):
                program = replace(stack.program[unit.runs], service=kind.name)
                typed = replace(stack, program={**stack.program, unit.runs: program})
                # Alone in its service: the limits of the container are its own.
                yield f"{unit.name}@{kind.profile}", typed, replace(unit, description="worker of type %i", share=None)
