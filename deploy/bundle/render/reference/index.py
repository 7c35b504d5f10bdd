"""README.md of the reference: where to find what, and everything by its name."""

from collections.abc import Iterator

from bundle.model import Stack
from bundle.render.reference import environment, services, targets
from bundle.render.reference.page import code, link, runbook, table

PAGES = {
    "environment.md": "every environment variable: type, default, secret or not, who reads it, what each target gives",
    "services.md": "what runs: commands, health checks with their runbooks, limits, ports, volumes, networks, times",
    "targets.md": "where it runs: targets and what differs there, programs, units, overlays",
    "stack.md": "the keys of `deploy/stack.toml`",
}
# Runbooks of what only one target can suffer.
OF_TARGETS = {"swarm-waits.md": "swarm"}
# And those that `make doctor` and the alerts lead to.
OF_FINDINGS = (
    "database-connections.md",
    "effect-dead.md",
    "effect-waits.md",
    "events-behind.md",
    "mail-does-not-leave.md",
    "memory-short.md",
    "prices-behind.md",
    "queue-slow.md",
    "queue-without-consumer.md",
    "run-does-too-little.md",
    "run-expired.md",
    "run-failed.md",
    "run-held.md",
    "run-lost.md",
    "run-overlong.md",
    "schedule-late.md",
    "schedule-orphaned.md",
    "slot-missed.md",
    "task-unknown.md",
)


def blocks(stack: Stack) -> Iterator[str]:
    yield "Looked up, not read: generated from [deploy/stack.toml](../../deploy/stack.toml)."
    yield "\n".join(f"- {link(file, file)}: {what}" for file, what in PAGES.items())
    yield "## Runbooks"
    yield table(("runbook", "for"), [(runbook(file), ", ".join(users)) for file, users in _runbooks(stack).items()])
    yield "## By name"
    yield table(("name", "kind", "page"), _rows(stack))


def _runbooks(stack: Stack) -> dict[str, list[str]]:
    users = [(one.runbook, link(name, "services.md", name)) for name, one in stack.service.items()]
    overlays = [(one.runbook, link(name, "targets.md", "Overlays")) for name, one in stack.overlay.items()]
    units = [(one.runbook, f"unit {code(name)}") for name, one in stack.unit.items()]
    targeted = [(file, link(target, "targets.md", f"What differs in {target}")) for file, target in OF_TARGETS.items()]
    findings = [(file, code("make doctor")) for file in OF_FINDINGS]
    named = [(file, user) for file, user in (*users, *overlays, *units, *targeted, *findings) if file]
    return {file: [user for other, user in named if other == file] for file, _ in named}


def _rows(stack: Stack) -> Iterator[tuple[str, ...]]:
    found = [*environment.names(stack), *services.names(stack), *targets.names(stack)]
    for name, kind, place in sorted(found, key=lambda row: (row[0].lower(), row[1])):
        yield code(name), kind, place
