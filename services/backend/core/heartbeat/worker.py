"""What this node's worker is: noted by its main process at the start, and known to the processes that it forks."""

import os
from typing import Any

import celery

from core.heartbeat.routing import queue_of

_facts: dict[str, Any] = {}


def note(worker: Any, *, node: str) -> None:
    """Keep what every stamp tells. Queues that are added to or taken from a running worker are not followed."""
    queues = worker.app.amqp.queues.consume_from
    _facts.update(
        queues=sorted(str(name) for name in queues if name != queue_of(node)),
        processes=worker.concurrency,
        pid=os.getpid(),
        version=celery.__version__,
    )


def facts() -> dict[str, Any]:
    """Return the fields of the heartbeat's row, or nothing in a process that is no worker's."""
    return dict(_facts)
