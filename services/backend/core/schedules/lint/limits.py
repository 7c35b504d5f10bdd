"""Rules about Redis: how long a message may be held before it is given to another, and who shares a database.

A wait of ours (a countdown, a retry) stands in the run's row and is sent when it is due, so it may be as long as it
likes. What remains is sent ahead by SEND_AHEAD, and what a task without a run asks of Celery itself.
"""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from django.core.checks import CheckMessage, Error

from core.runs.services.request import SEND_AHEAD
from core.schedules.lint.facts import Facts


def limits_beyond_visibility(facts: Facts) -> Iterator[CheckMessage]:
    for task in facts.tasks.values():
        if task.limit_seconds >= facts.visibility_seconds:
            yield Error(
                f"{task.name} may run for {task.limit_seconds:g} s, but after {facts.visibility_seconds:g} s Redis"
                " gives its message to a second worker.",
                hint="Lower its time_limit, or raise CELERY_VISIBILITY_SECONDS for every process.",
                id="schedules.E006",
            )


def waits_beyond_visibility(facts: Facts) -> Iterator[CheckMessage]:
    if facts.visibility_seconds <= SEND_AHEAD.total_seconds():
        yield Error(
            f"Messages are sent {SEND_AHEAD.total_seconds():g} s ahead, but after {facts.visibility_seconds:g} s Redis"
            " gives them to a second worker.",
            hint="Raise CELERY_VISIBILITY_SECONDS.",
            id="schedules.E007",
        )
    for task in facts.tasks.values():
        if not task.ledger and task.retry_seconds >= facts.visibility_seconds:
            yield Error(
                f"{task.name} has no run on record and waits {task.retry_seconds:g} s for a retry, in a message that"
                f" Redis gives to a second worker after {facts.visibility_seconds:g} s.",
                hint="Build it on LedgerTask with a retry policy, or lower its default_retry_delay.",
                id="schedules.E007",
            )


def roles_share_a_database(facts: Facts) -> Iterator[CheckMessage]:
    taken: dict[tuple[str, ...], str] = {}
    for role, url in facts.redis_roles.items():
        other = taken.setdefault(_database(url), role)
        if other != role:
            yield Error(
                f"{other} and {role} are one Redis database: to empty one is to empty the other.",
                hint="Number them apart: 0 general, 1 broker, 2 results, 3 cache, 4 select2.",
                id="schedules.E008",
            )


def _database(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    if parts.scheme == "redis+socket":
        return parts.path, parse_qs(parts.query).get("virtual_host", ["0"])[0]
    return parts.hostname or "", str(parts.port or 6379), parts.path.strip("/") or "0"
