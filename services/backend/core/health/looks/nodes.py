"""Workers: is there one, and does each that was here still work?"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from core.health.findings import Finding, Group, Level, clock, runbook
from core.health.nodes import NodeState, node_states

# A node whose work others do was probably replaced: nobody needs to hear of it for longer.
REPLACED_AFTER = timedelta(hours=1)


def look(now: datetime) -> Iterator[Finding]:
    nodes = node_states(now)
    if not nodes:
        sentence = "No worker has been at work for a day, or ever: nothing that is asked for is done."
        yield Finding(Level.ERROR, Group.WORKERS, "workers", sentence, runbook("worker-unhealthy"))
    alive = [node for node in nodes if node.is_alive]
    for node in nodes:
        if not node.is_alive:
            yield from _silent(node, alive, now)


def _silent(node: NodeState, alive: Sequence[NodeState], now: datetime) -> Iterator[Finding]:
    said = f"Worker {node.name} has been silent since {clock(node.seen_at)}"
    missing = _left_alone(node, alive)
    if missing:
        sentence = f"{said}, and nobody else takes {missing}."
    elif now - node.seen_at < REPLACED_AFTER:
        sentence = f"{said}; others do its work."
    else:
        return
    level = Level.ERROR if missing else Level.WARNING
    yield Finding(level, Group.WORKERS, node.name, sentence, runbook("worker-unhealthy"), node.seen_at)


def _left_alone(node: NodeState, alive: Sequence[NodeState]) -> str:
    """Name the queues that this node took and no living one does."""
    if not alive:
        return "any queue"
    return ", ".join(sorted(queue for queue in node.queues or () if not any(other.takes(queue) for other in alive)))
