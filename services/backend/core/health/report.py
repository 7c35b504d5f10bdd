"""Everything that is wrong now. What has recovered is not in it: each rule reads the present, none keeps a state."""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import DatabaseError, InterfaceError, connection

from core.clock import database_now
from core.health.findings import Finding, Level
from core.health.looks import brought, effects, failures, limits, nodes, queues, schedules, servers

Look = Callable[[datetime], Iterator[Finding]]

# Each reads the database. Redis, which can be asked without it, stands apart.
LOOKS: tuple[Look, ...] = (
    nodes.look,
    queues.look,
    schedules.look,
    failures.look,
    limits.look,
    effects.look,
    brought.look,
)


def health_report(now: datetime | None = None) -> list[Finding]:
    """Return what is wrong, errors first; an empty list is health. It never raises for a server that is away."""
    findings = [*servers.redis_look(), *_from_database(now)]
    return sorted(findings, key=lambda finding: (finding.level is not Level.ERROR, finding.group, finding.subject))


def _from_database(now: datetime | None) -> Iterator[Finding]:
    try:
        moment = now or database_now()
        pending = list(servers.migrations_look())
        yield from pending or [finding for look in LOOKS for finding in look(moment)]
    except (DatabaseError, InterfaceError) as error:
        # A connection that broke is thrown away, or the next report would find it broken still.
        if not connection.in_atomic_block:
            connection.close()
        yield servers.database_failed(error)
