"""One service of systemd, from the unit, its program and the service that both stand for."""

from collections.abc import Iterable, Iterator

from bundle import units
from bundle.model import Stack, Unit
from bundle.render.systemd import backoff, hardening, values

Directive = tuple[str, object]


def file_name(stack: Stack, unit: Unit) -> str:
    return f"{stack.name}-{unit.name}{'@' if unit.nodes else ''}.service"


def socket_name(stack: Stack, unit: Unit) -> str:
    return f"{stack.name}-{unit.name}.socket"


def text(stack: Stack, unit: Unit) -> str:
    sections = {
        "Unit": _unit(stack, unit),
        "Service": _service(stack, unit),
        "Install": [("WantedBy", f"{stack.name}.target")],
    }
    return "\n".join(f"[{name}]\n{_lines(directives)}" for name, directives in sections.items())


def _lines(directives: Iterable[Directive]) -> str:
    return "".join(f"{key}={value}\n" if key else f"{value}\n" for key, value in directives)


def _unit(stack: Stack, unit: Unit) -> Iterator[Directive]:
    yield "Description", f"{stack.product} ({stack.name}): {unit.description}"
    yield "PartOf", f"{stack.name}.target"
    network, servers = "network-online.target", units.debian_units(stack, unit)
    # Behind Debian's servers, not wanting them: they are enabled by themselves, or serve on another machine.
    yield "Wants", " ".join([network, *(_instance(stack, name) for name in unit.wants)])
    yield "After", " ".join([network, *servers, *(_instance(stack, name) for name in unit.after)])
    if unit.socket:
        yield "Requires", socket_name(stack, unit)
    yield "", "# However often it fails, it is tried again: an outage must not need a person when it is over."
    yield "StartLimitIntervalSec", 0


def _instance(stack: Stack, name: str) -> str:
    return f"{stack.name}-{name}{'@1' if stack.unit[name].nodes else ''}.service"


def _service(stack: Stack, unit: Unit) -> Iterator[Directive]:
    yield from _process(stack, unit)
    yield from _life(stack, unit)
    yield from _limits(stack, unit)
    yield from values.directives(stack, unit)
    yield from hardening.directives(stack, unit)


def _process(stack: Stack, unit: Unit) -> Iterator[Directive]:
    once = units.service(stack, unit).one_shot
    yield "Type", "oneshot" if once else "notify" if unit.notifies else "exec"
    if unit.notifies:
        yield "NotifyAccess", "main"
    yield "User", stack.name
    yield "Group", stack.name
    words = [values.resolved(stack, unit, word) for word in unit.arguments]
    command = f"{values.code(stack)}/{units.command(stack, unit)[0]}"
    yield "ExecStart", " ".join([*_of_its_own(stack, unit), command, *words])
    yield "WorkingDirectory", values.code(stack)
    yield "SyslogIdentifier", "%p-%i" if unit.nodes else "%p"


def _of_its_own(stack: Stack, unit: Unit) -> list[str]:
    """Give what makes a type of worker here: before a command it wins over the settings file, which is for all."""
    told = units.service(stack, unit).environment
    return ["/usr/bin/env", *(f"{name}={value}" for name, value in told.items())] if told else []


def _life(stack: Stack, unit: Unit) -> Iterator[Directive]:
    service = units.service(stack, unit)
    yield "Restart", "on-failure" if service.one_shot else "always"
    yield "RestartSec", backoff.FIRST_SECONDS
    yield "", "# The main process alone is asked to stop: a signalled child would drop its task. Then all are killed."
    yield "KillMode", "mixed"
    yield "KillSignal", service.stop_signal
    yield "TimeoutStopSec", units.stop_seconds(stack, unit)
    if unit.watchdog_seconds:
        yield "WatchdogSec", unit.watchdog_seconds
    if unit.watchdog_stop_seconds:
        yield "WatchdogSignal", service.stop_signal
        yield "TimeoutAbortSec", unit.watchdog_stop_seconds
    yield "", "# A child that ran out of memory is replaced by its parent."
    yield "OOMPolicy", "continue"


def _limits(stack: Stack, unit: Unit) -> Iterator[Directive]:
    share = units.share(stack, unit)
    yield "MemoryMax", f"{share.memory_mb}M"
    yield "TasksMax", share.pids
    if cpus := units.service(stack, unit).resources.cpus:
        yield "CPUQuota", f"{cpus * 100:.0f}%"
