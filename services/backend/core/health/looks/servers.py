"""PostgreSQL and Redis: do they answer, and will they keep what they are told?"""

from collections.abc import Iterator
from typing import Any

import redis
from kombu.exceptions import OperationalError

from core.deployment.services import migrations_pending
from core.health.broker import broker_client
from core.health.findings import Finding, Group, Level, runbook

# Redis refuses writes when its memory is full: time to look before that.
MEMORY_SHARE = 0.8


def database_failed(error: Exception) -> Finding:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    sentence = f"The database does not answer: {said}"
    return Finding(Level.ERROR, Group.DATABASE, "database", sentence, runbook("database-unhealthy"))


def migrations_look() -> Iterator[Finding]:
    if migrations_pending():
        sentence = "Migrations are pending: the code is newer than the tables."
        yield Finding(Level.ERROR, Group.DATABASE, "migrations", sentence, runbook("migration-failed"))


def redis_look() -> Iterator[Finding]:
    try:
        with broker_client() as client:
            yield from redis_findings(client.info())
    except (OperationalError, redis.RedisError, OSError) as error:
        sentence = f"Redis does not answer: {error}. What is asked for waits in its rows, and is sent when it is back."
        yield Finding(Level.ERROR, Group.REDIS, "redis", sentence, runbook("redis-unhealthy"))


def redis_findings(info: dict[str, Any]) -> Iterator[Finding]:
    """Judge what INFO says; a server that does not tell something is not blamed for it."""
    used, most = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    if most and used > MEMORY_SHARE * most:
        sentence = f"Redis uses {used / 1e6:.0f} MB of {most / 1e6:.0f} MB; when it is full it takes no message."
        yield _finding(Level.WARNING, "memory", sentence)
    policy = info.get("maxmemory_policy", "noeviction")
    if most and policy != "noeviction":
        sentence = f"Redis' maxmemory-policy is {policy}: when memory is short it throws messages away. Set noeviction."
        yield _finding(Level.ERROR, "policy", sentence)
    if "err" in (info.get("rdb_last_bgsave_status"), info.get("aof_last_write_status")):
        sentence = "Redis cannot write to its disk, and so refuses messages: free space, or give it a volume."
        yield _finding(Level.ERROR, "persistence", sentence)


def _finding(level: Level, subject: str, sentence: str) -> Finding:
    return Finding(level, Group.REDIS, subject, sentence, runbook("redis-unhealthy"))
