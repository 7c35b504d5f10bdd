"""What Prometheus is told, read from the database when it asks. Only the web imports this module."""

import time
from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from core.clock import database_now
from core.effects.enums import EffectState
from core.effects.selectors import effects_counts, effects_oldest_due
from core.health.due import late_schedules
from core.health.nodes import node_states
from core.health.queues import queue_states
from core.metrics.models import RunTotal
from core.metrics.selectors import open_runs
from core.metrics.services import BOUNDS, totals_update

# name, help, and the column of the totals that it comes from.
HISTOGRAMS = (
    ("deskbeat_run_wait_seconds", "From due (or asked for) to started", "wait"),
    ("deskbeat_run_work_seconds", "From the first start to the end, retries included", "work"),
)


class DeskbeatCollector(Collector):
    """Every query is bounded: by an index over what is open, by what ended since the last scrape, or by a count."""

    def collect(self) -> Iterable[Metric]:
        began = time.monotonic()
        now = database_now()
        totals_update()
        yield from _totals()
        yield _open()
        yield from _queues(now)
        yield from _workers(now)
        yield from _effects(now)
        late = len(late_schedules(now))
        yield GaugeMetricFamily("deskbeat_schedules_late", "Schedules with a slot that no beat has sent", value=late)
        took = time.monotonic() - began
        yield GaugeMetricFamily("deskbeat_scrape_seconds", "What this scrape took", value=took)


def metrics_text() -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    # Its methods are read when the text is made, in this thread: no state is shared between two scrapes.
    registry.register(_Described(DeskbeatCollector()))
    return generate_latest(registry)


class _Described(Collector):
    """Keep registration from running every query once for nothing."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        return self._collector.collect()


def _totals() -> Iterator[Metric]:
    rows = list(RunTotal.objects.all())
    runs = CounterMetricFamily("deskbeat_runs", "Runs that ended, by how", labels=["task", "state"])
    for row in rows:
        runs.add_metric([row.name, row.state], row.runs)
    yield runs
    for name, documentation, kind in HISTOGRAMS:
        yield _histogram(name, documentation, kind, rows)


def _histogram(name: str, documentation: str, kind: str, rows: list[RunTotal]) -> Metric:
    family = HistogramMetricFamily(name, documentation, labels=["task"])
    for task in dict.fromkeys(row.name for row in rows):
        of_task = [row for row in rows if row.name == task]
        counts = [sum(column) for column in zip(*(getattr(row, f"{kind}s") for row in of_task), strict=True)]
        buckets = [(str(bound), count) for bound, count in zip(BOUNDS, counts, strict=True)]
        buckets.append(("+Inf", sum(row.started for row in of_task)))
        family.add_metric([task], buckets, sum(getattr(row, f"{kind}_seconds") for row in of_task))
    return family


def _open() -> Metric:
    family = GaugeMetricFamily("deskbeat_runs_open", "Runs that have not ended", labels=["queue", "state"])
    for queue, state, runs in open_runs():
        family.add_metric([queue, state], runs)
    return family


def _queues(now: datetime) -> Iterator[Metric]:
    depth = GaugeMetricFamily("deskbeat_queue_messages", "Messages that stand in Redis", labels=["queue"])
    waiting = GaugeMetricFamily("deskbeat_queue_waiting_runs", "Runs that are due and not started", labels=["queue"])
    oldest = GaugeMetricFamily("deskbeat_queue_oldest_seconds", "How long the oldest has waited", labels=["queue"])
    takers = GaugeMetricFamily("deskbeat_queue_consumers", "Living workers that take it", labels=["queue"])
    states = queue_states(now)
    for queue in states:
        if queue.messages is not None:
            depth.add_metric([queue.name], queue.messages)
        waiting.add_metric([queue.name], queue.waiting)
        oldest.add_metric([queue.name], (now - queue.oldest).total_seconds() if queue.oldest else 0)
        takers.add_metric([queue.name], len(queue.takers))
    answers = any(queue.messages is not None for queue in states)
    yield from (depth, waiting, oldest, takers)
    yield GaugeMetricFamily("deskbeat_redis_up", "1 while the broker answers", value=float(answers))


def _workers(now: datetime) -> Iterator[Metric]:
    age = GaugeMetricFamily("deskbeat_worker_heartbeat_age_seconds", "Since its last stamp", labels=["node"])
    alive = GaugeMetricFamily("deskbeat_worker_up", "1 while it stamps, or is full of work", labels=["node"])
    busy = GaugeMetricFamily("deskbeat_worker_busy", "Processes of it that are in a task", labels=["node"])
    nodes = node_states(now)
    for node in nodes:
        age.add_metric([node.name], max(0.0, (now - node.seen_at).total_seconds()))
        alive.add_metric([node.name], float(node.is_alive))
        busy.add_metric([node.name], node.busy)
    living = sum(node.is_alive for node in nodes)
    yield from (age, alive, busy, GaugeMetricFamily("deskbeat_workers_alive", "Workers that live", value=living))


def _effects(now: datetime) -> Iterator[Metric]:
    family = GaugeMetricFamily("deskbeat_effects", "Effects that have not left, up to 10,000", labels=["state"])
    counts = effects_counts()
    for state in (EffectState.PENDING, EffectState.DEAD):
        family.add_metric([str(state.value)], counts[state])
    yield family
    oldest = effects_oldest_due()
    age = max(0.0, (now - oldest).total_seconds()) if oldest else 0
    yield GaugeMetricFamily("deskbeat_effects_oldest_seconds", "How long the oldest is overdue", value=age)
