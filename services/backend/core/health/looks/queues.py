"""Queues: does somebody take what waits, and soon enough?"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from core.health.findings import Finding, Group, Level, clock, counted, runbook
from core.health.queues import QueueState, queue_states

# Something urgent behind a long task is late after this; after the second nobody is coming.
SLOW_AFTER = timedelta(minutes=10)
STUCK_AFTER = timedelta(hours=1)


def look(now: datetime) -> Iterator[Finding]:
    for queue in queue_states(now):
        if not queue.takers and (queue.waiting or queue.messages):
            yield _without_consumer(queue)
        elif queue.oldest and now - queue.oldest > SLOW_AFTER:
            yield _slow(queue, queue.oldest, now)


def _without_consumer(queue: QueueState) -> Finding:
    what = counted(queue.waiting, "run") if queue.waiting else counted(queue.messages or 0, "message")
    since = f" since {clock(queue.oldest)}" if queue.oldest else ""
    sentence = f"Queue {queue.name} has no consumer: {what} waiting{since}."
    return Finding(Level.ERROR, Group.QUEUES, queue.name, sentence, runbook("queue-without-consumer"), queue.oldest)


def _slow(queue: QueueState, oldest: datetime, now: datetime) -> Finding:
    level = Level.ERROR if now - oldest > STUCK_AFTER else Level.WARNING
    minutes = int((now - oldest).total_seconds() // 60)
    sentence = (
        f"Queue {queue.name} is slow: the oldest of {counted(queue.waiting, 'run')} has waited for {minutes} minutes"
        f" (since {clock(oldest)}); {', '.join(queue.takers)} take it."
    )
    return Finding(level, Group.QUEUES, queue.name, sentence, runbook("queue-slow"), oldest)
