"""Units of systemd: they run something, and divide its limits."""

from collections.abc import Iterator
from pathlib import Path

from bundle import environment, units
from bundle.model import Stack
from bundle.rules.known import unknown
from bundle.rules.services import RUNBOOKS


def units_run_something(stack: Stack, root: Path) -> Iterator[str]:
    once = [name for name, service in stack.service.items() if service.one_shot]
    for name, unit in stack.unit.items():
        yield from unknown(f"unit.{name}.runs", [unit.runs], [*stack.program, *once])


def units_refer_to_units(stack: Stack, root: Path) -> Iterator[str]:
    for name, unit in stack.unit.items():
        yield from unknown(f"unit.{name}.after", unit.after, stack.unit)
        yield from unknown(f"unit.{name}.wants", unit.wants, stack.unit)
        known = [environment.STACK, environment.UNIT, *environment.words(stack)]
        for word in unit.arguments:
            yield from unknown(f"unit.{name}.arguments", environment.placeholders(word), known)


def watched_units_speak(stack: Stack, root: Path) -> Iterator[str]:
    for name, unit in stack.unit.items():
        if unit.watchdog_seconds and not unit.notifies:
            yield f"unit.{name}.watchdog_seconds: it never speaks to systemd; set notifies = true, or remove it"
        if unit.watchdog_stop_seconds and not unit.watchdog_seconds:
            yield f"unit.{name}.watchdog_stop_seconds: it has no watchdog; set watchdog_seconds, or remove it"


def shares_make_the_whole(stack: Stack, root: Path) -> Iterator[str]:
    """Ask that the units of a service may use together what its container may use, no more and no less."""
    for name, service in stack.service.items():
        shares = [units.share(stack, unit) for unit in units.of_service(stack, name)]
        for key in ("memory_mb", "pids") if shares else ():
            parts, whole = [getattr(share, key) for share in shares], getattr(service.resources, key)
            if sum(parts) != whole:
                added = " + ".join(map(str, parts))
                yield f"service.{name}.resources.{key}: its units share {added}, not {whole}; mend their `share`"


def sockets_have_one_port(stack: Stack, root: Path) -> Iterator[str]:
    for name, unit in stack.unit.items():
        served = stack.service.get(units.service_name(stack, unit))
        if unit.socket and served and len(served.port) != 1:
            yield f"unit.{name}.socket: service.{served.name} has {len(served.port)} ports; a socket is for one"


def runbooks_exist(stack: Stack, root: Path) -> Iterator[str]:
    for name, unit in stack.unit.items():
        if unit.runbook and not (root / RUNBOOKS / unit.runbook).is_file():
            yield f"unit.{name}.runbook: {RUNBOOKS}/{unit.runbook} is not in the tree; write it"


RULES = (
    runbooks_exist,
    units_run_something,
    units_refer_to_units,
    watched_units_speak,
    shares_make_the_whole,
    sockets_have_one_port,
)
