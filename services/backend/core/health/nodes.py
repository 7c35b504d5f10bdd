"""Reads: which nodes work, what they take, and how busy they are."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models.functions import Coalesce

from core.heartbeat.models import Heartbeat
from core.runs.enums import State
from core.runs.models import Run
from core.runs.services.reconcile import SILENT_AFTER

# As the probe: nine ticks, 90 s.
MISSED_TICKS = 9


@dataclass(frozen=True)
class NodeState:
    """One worker. `queues` is None for a worker that does not say what it takes: then it may take anything."""

    name: str
    seen_at: datetime
    is_alive: bool
    busy: int
    processes: int | None
    queues: frozenset[str] | None

    def takes(self, queue: str) -> bool:
        return self.queues is None or queue in self.queues


def node_states(now: datetime) -> list[NodeState]:
    """Return every node that was seen within a day.

    A worker takes no tick while each of its processes is in a task (docs/decisions/0010): then its runs' own pulse,
    every ten seconds, says that it lives.
    """
    busy = _at_work(now)
    return [_state(row, busy[row.node], now) for row in Heartbeat.objects.all()]


def _state(row: Heartbeat, busy: int, now: datetime) -> NodeState:
    silent = now - row.stamped_at > timedelta(seconds=MISSED_TICKS * settings.HEARTBEAT_INTERVAL_SECONDS)
    is_full = busy >= (row.processes or 1)
    queues = None if row.queues is None else frozenset(row.queues)
    return NodeState(row.node, row.stamped_at, not silent or is_full, busy, row.processes, queues)


def _at_work(now: datetime) -> Counter[str]:
    """Count, for each node, the runs whose pulse is fresh."""
    runs = Run.objects.filter(finished_at__isnull=True, state=State.RUNNING)
    fresh = runs.annotate(alive=Coalesce("heartbeat_at", "started_at")).filter(alive__gte=now - SILENT_AFTER)
    return Counter(worker.rpartition("/")[0] for worker in fresh.order_by().values_list("worker", flat=True))
