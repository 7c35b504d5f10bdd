"""PostgreSQL and Redis, as seen from this process."""

import time
from collections.abc import Iterator

import redis
from django.db import DatabaseError, InterfaceError, connection
from kombu.exceptions import OperationalError

from core.health.broker import broker_client
from core.health.findings import Finding, Group, Level, clock, runbook
from core.health.looks import servers

SHARE = 0.8
CONNECTIONS = """
    SELECT current_setting('max_connections')::int, count(*),
           count(*) FILTER (WHERE state = 'idle in transaction'),
           coalesce(max(extract(epoch FROM now() - state_change)) FILTER (WHERE state = 'idle in transaction'), 0)
    FROM pg_stat_activity WHERE backend_type = 'client backend'
"""
BY_APPLICATION = """
    SELECT coalesce(nullif(application_name, ''), 'unnamed'), count(*) FROM pg_stat_activity
    WHERE backend_type = 'client backend' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 8
"""
# A transaction that idles this long holds back vacuum, and often a lock.
IDLE_SECONDS = 600


def database() -> Iterator[Finding | str]:
    began = time.monotonic()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version'), current_database(), now()")
            version, name, now = cursor.fetchone()
    except (DatabaseError, InterfaceError) as error:
        connection.close()
        yield servers.database_failed(error)
        return
    yield f"PostgreSQL {version}, database {name}, answers in {_ms(began)} ms; its clock says {clock(now)}"
    yield from servers.migrations_look()
    yield from _connections()


def _connections() -> Iterator[Finding | str]:
    with connection.cursor() as cursor:
        cursor.execute(CONNECTIONS)
        most, used, idle, longest = cursor.fetchone()
        cursor.execute(BY_APPLICATION)
        names = ", ".join(f"{name} {count}" for name, count in cursor.fetchall())
    yield f"{used} of {most} connections in use ({names}), {idle} idle in a transaction"
    remedy = runbook("database-connections")
    if used > SHARE * most:
        sentence = f"{used} of PostgreSQL's {most} connections are in use."
        yield Finding(Level.WARNING, Group.DATABASE, "connections", sentence, remedy)
    if longest > IDLE_SECONDS:
        sentence = f"A transaction has been idle for {longest / 60:.0f} minutes; it may hold locks."
        yield Finding(Level.WARNING, Group.DATABASE, "transaction", sentence, remedy)


def redis_server() -> Iterator[Finding | str]:
    began = time.monotonic()
    try:
        with broker_client() as client:
            client.ping()
            took = _ms(began)
            info = client.info()
            database = client.connection_pool.connection_kwargs.get("db", 0)
    except (OperationalError, redis.RedisError, OSError):
        yield from servers.redis_look()
        return
    most = int(info.get("maxmemory", 0))
    limit = f"of {most / 1e6:.0f} MB, policy {info.get('maxmemory_policy')}" if most else "without a limit of its own"
    yield f"Redis {info.get('redis_version', '?')}, database {database}, answers a ping in {took} ms"
    yield f"{int(info.get('used_memory', 0)) / 1e6:.1f} MB used {limit}; {info.get('connected_clients', '?')} clients"
    # No fault either way: rows send their messages again (docs/architecture.md).
    yield "append-only file on" if info.get("aof_enabled") else "append-only file off: a restart loses what it holds"
    yield from servers.redis_findings(info)


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
