"""What the rules look at, as plain values: so that a rule can be tried on any project's declarations."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from celery import Celery
from celery.app.routes import MapRoute, prepare

from core.schedules.intervals import shortest_interval_seconds
from core.schedules.jobs import JobSpec

# Celery's own, when nothing is set.
DEFAULT_VISIBILITY_SECONDS = 3600


@dataclass(frozen=True)
class Entry:
    """A schedule, as the code declares it or as it stands in the database."""

    key: str
    task: str
    crontab: str
    zone: str
    every_seconds: int
    queue: str | None
    expire_seconds: int | None
    run_limit_seconds: int | None

    @property
    def interval_seconds(self) -> int:
        return self.every_seconds or (shortest_interval_seconds(self.crontab) if self.crontab else 0)


@dataclass(frozen=True)
class TaskFact:
    """A registered task: its hard limit, and whether two of it at once are left out (singleton) or do no harm."""

    name: str
    limit_seconds: float
    has_own_limit: bool
    singleton: bool
    concurrent: bool
    ledger: bool
    retry_seconds: float
    queue: str


@dataclass(frozen=True)
class WorkerType:
    """What a type of worker takes. `prefetch` counts messages that wait in a worker while others idle."""

    queues: Sequence[str]
    prefetch: int


@dataclass(frozen=True)
class Facts:
    entries: tuple[Entry, ...]
    tasks: Mapping[str, TaskFact]
    declared_queues: frozenset[str]
    routes: Mapping[str, str]  # pattern or registered name -> queue
    worker_types: Mapping[str, WorkerType]
    redis_roles: Mapping[str, str]
    setting_names: frozenset[str]
    beat_schedule: tuple[str, ...]
    visibility_seconds: float


def facts(
    *, app: Celery, settings: Any, jobs: Iterable[JobSpec], worker_types: Mapping[str, Mapping[str, Any]]
) -> Facts:
    conf: Any = app.conf
    options = conf.broker_transport_options or {}
    return Facts(
        entries=tuple(map(declared_entry, jobs)),
        tasks={name: _task(app, name) for name in app.tasks},
        declared_queues=frozenset(queue.name for queue in conf.task_queues or ()),
        routes=_routes(conf),
        worker_types={name: WorkerType(kind["queues"], kind["prefetch"]) for name, kind in worker_types.items()},
        redis_roles=_redis_roles(settings, conf),
        setting_names=frozenset(name for name in dir(settings) if name.isupper()),
        beat_schedule=tuple(conf.beat_schedule or ()),
        visibility_seconds=options.get("visibility_timeout", DEFAULT_VISIBILITY_SECONDS),
    )


def declared_entry(spec: JobSpec) -> Entry:
    return Entry(
        spec.key,
        spec.task,
        spec.crontab,
        spec.zone,
        spec.every_seconds,
        spec.queue,
        spec.expire_seconds,
        spec.run_limit_seconds,
    )


def _task(app: Celery, name: str) -> TaskFact:
    task, conf = app.tasks[name], app.conf
    # A task that names none is given the setting's when Celery binds it.
    limit = getattr(task, "time_limit", None) or conf.task_time_limit
    return TaskFact(
        name=name,
        limit_seconds=limit or math.inf,
        has_own_limit=limit != conf.task_time_limit,
        singleton=getattr(task, "singleton", False),
        concurrent=getattr(task, "concurrent", False),
        ledger=getattr(task, "ledger", False),
        retry_seconds=getattr(task, "default_retry_delay", None) or 0,
        queue=_queue(conf, task, name),
    )


def _queue(conf: Any, task: Any, name: str) -> str:
    """Return where Celery sends the task, without asking its router, which would declare what is missing."""
    for route in prepare(conf.task_routes):
        found = route(name, (), {}, {}, task=task) if callable(route) else None
        if found and found.get("queue"):
            return str(getattr(found["queue"], "name", found["queue"]))
    return str(getattr(task, "queue", None) or conf.task_default_queue)


def _routes(conf: Any) -> dict[str, str]:
    tables: list[Any] = [route for route in prepare(conf.task_routes) if isinstance(route, MapRoute)]
    named = {name: found for table in tables for name, found in table.map.items()}
    by_pattern = {pattern.pattern: found for table in tables for pattern, found in table.patterns.items()}
    return {name: _queue_named(found) for name, found in (named | by_pattern).items()}


def _queue_named(route: Any) -> str:
    return str(route.get("queue", "") if isinstance(route, Mapping) else route)


def _redis_roles(settings: Any, conf: Any) -> dict[str, str]:
    """Return the address of each role that Redis plays here."""
    caches: Mapping[str, Any] = getattr(settings, "CACHES", {})
    roles = {
        "REDIS_URL": getattr(settings, "REDIS_URL", ""),
        "CELERY_BROKER_URL": conf.broker_url or "",
        "CELERY_RESULT_BACKEND": conf.result_backend or "",
        **{f"CACHES[{name!r}]": cache.get("LOCATION", "") for name, cache in caches.items()},
    }
    return {role: url for role, url in roles.items() if isinstance(url, str) and url.startswith(("redis", "rediss"))}
