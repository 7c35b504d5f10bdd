"""targets.md: every way of running the stack, and what differs there and why."""

from collections.abc import Iterator

from bundle import units
from bundle.aspects import ASPECTS, EVERYWHERE, REFERENCE
from bundle.model import Stack, Unit
from bundle.render.reference.page import code, codes, link, runbook, table

FILE = "targets.md"


def blocks(stack: Stack) -> Iterator[str]:
    yield (
        "Each target is rendered into its own folder from the same source. `make sync` reads every one back and"
        f" compares it with {REFERENCE}, service by service; whatever is not the same has its reason here."
    )
    yield table(("target", "folder", "for"), [_target(name, purpose) for name, purpose in EVERYWHERE.items()])
    for target in EVERYWHERE:
        if target != REFERENCE:
            yield f"## What differs in {target}"
            rows = list(_differences(stack, target))
            yield table(("what", "of", "why"), rows) if rows else "Nothing."
    yield from _parts(stack)
    yield "## Aspects"
    yield "What is compared: the words of `[difference.*]` in `deploy/stack.toml`."
    yield table(("aspect", "what it is"), [(code(name), meaning) for name, meaning in ASPECTS.items()])


def _target(name: str, purpose: str) -> tuple[str, ...]:
    shown = name if name == REFERENCE else link(name, "", f"What differs in {name}")
    return shown, code(f"deploy/{name}"), purpose


def _differences(stack: Stack, target: str) -> Iterator[tuple[str, ...]]:
    for difference in stack.difference.values():
        if difference.target == target:
            yield codes(difference.aspects), ", ".join(difference.services) or "every service", difference.reason


def _parts(stack: Stack) -> Iterator[str]:
    yield "## Programs"
    yield "The host runtime: supervisord starts them, group `data` before group `app`."
    yield table(("program", "service", "group", "command"), _programs(stack))
    yield "## Units"
    yield "Files in `deploy/systemd`, grouped by `<stack>.target`."
    yield table(("unit", "service", "memory", "tasks", "stops within", "watchdog", "starts behind"), _units(stack))
    yield "## Overlays"
    yield "Variations of the containers: `make up OVERLAY=<name>`."
    yield table(("overlay", "what it makes of them", "runbook"), _overlays(stack))


def _overlays(stack: Stack) -> Iterator[tuple[str, ...]]:
    for name, overlay in stack.overlay.items():
        yield code(name), overlay.description, runbook(overlay.runbook) if overlay.runbook else ""


def _programs(stack: Stack) -> Iterator[tuple[str, ...]]:
    for name, program in stack.program.items():
        service = link(program.service, "services.md", program.service)
        yield code(name), service, program.group, code(" ".join(program.command))


def _units(stack: Stack) -> Iterator[tuple[str, ...]]:
    for unit in stack.unit.values():
        share, service = units.share(stack, unit), units.service_name(stack, unit)
        yield (
            code(f"<stack>-{unit.name}{'@' if unit.nodes else ''}.service"),
            link(service, "services.md", service),
            f"{share.memory_mb} MiB",
            str(share.pids),
            f"{units.stop_seconds(stack, unit)} s",
            _watchdog(unit),
            ", ".join(unit.after),
        )


def _watchdog(unit: Unit) -> str:
    return f"{unit.watchdog_seconds} s" if unit.watchdog_seconds else ""


def names(stack: Stack) -> Iterator[tuple[str, str, str]]:
    families = {
        "Programs": ("program", stack.program),
        "Units": ("unit", stack.unit),
        "Overlays": ("overlay", stack.overlay),
        "Aspects": ("aspect", ASPECTS),
    }
    for title, (kind, members) in families.items():
        yield from ((name, kind, link(FILE, FILE, title)) for name in members)
    yield from ((name, "target", link(FILE, FILE)) for name in EVERYWHERE)
