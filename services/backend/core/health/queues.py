"""Reads: what waits in each queue, how long already, and who takes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
from celery import current_app
from django.db.models import Count, DateTimeField, Min
from django.db.models.expressions import Func
from kombu.exceptions import OperationalError

from core.health.broker import queue_lengths
from core.health.nodes import NodeState, node_states
from core.heartbeat.routing import queue_of
from core.runs.enums import WAITING
from core.runs.models import Run


@dataclass(frozen=True)
class QueueState:
    """`waiting`: runs that are due and not started. `messages`: what stands in Redis; None when it does not answer.

    The two differ: a message may be lost and its row not, a message in a worker's hands has left Redis, and a task
    without a row (`ledger=False`) is a message only.
    """

    name: str
    waiting: int
    oldest: datetime | None
    messages: int | None
    takers: tuple[str, ...]


def queue_states(now: datetime, nodes: list[NodeState] | None = None) -> list[QueueState]:
    """Return every declared queue, and every other in which runs wait."""
    alive = [node for node in (node_states(now) if nodes is None else nodes) if node.is_alive]
    waiting = {row["queue"]: row for row in _waiting(now)}
    names = list(dict.fromkeys([*declared(), *sorted(waiting)]))
    lengths = _lengths(names)
    return [
        QueueState(
            name=name,
            waiting=waiting.get(name, {}).get("runs", 0),
            oldest=waiting.get(name, {}).get("oldest"),
            messages=lengths.get(name),
            takers=tuple(node.name for node in alive if node.takes(name)),
        )
        for name in names
    ]


def declared() -> list[str]:
    """Name the queues that this installation declares, without the nodes' own for their heartbeats."""
    return [name for name in current_app.amqp.queues if not name.startswith(queue_of(""))]


def _waiting(now: datetime) -> Iterable[Mapping[str, Any]]:
    """Group the runs that a worker could start now; one that waits for its organisation's turn was not sent."""
    sent = Run.objects.filter(finished_at__isnull=True, state__in=WAITING, published_at__isnull=False)
    since = Func("queued_at", "not_before", function="GREATEST", output_field=DateTimeField())
    due = sent.annotate(since=since).filter(since__lte=now)
    return due.order_by().values("queue").annotate(runs=Count("id"), oldest=Min("since"))


def _lengths(names: list[str]) -> dict[str, int]:
    """Return nothing when Redis is away: the report says so elsewhere."""
    try:
        return queue_lengths(names)
    except (OperationalError, redis.RedisError, OSError):
        return {}
