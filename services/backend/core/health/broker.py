"""Redis as the broker, for questions: how long a queue is, how the server fares."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from celery import current_app


@contextmanager
def broker_client() -> Iterator[Any]:
    """Yield the client of Celery's own connection, with its address, password and TLS; it gives up soon."""
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=2)
        yield broker.default_channel.client  # type: ignore[attr-defined]  # not in the stubs


def queue_lengths(queues: Iterable[str]) -> dict[str, int]:
    """Return how many messages stand in each queue, in one round trip."""
    names = list(queues)
    with broker_client() as client:
        pipe = client.pipeline(transaction=False)
        for name in names:
            pipe.llen(name)
        return dict(zip(names, pipe.execute(), strict=True))
