"""Keep a worker from waiting for ever when Redis is replaced: a mistake between kombu 5.7 and redis-py 8.

A worker listens to commands on a subscription. When that connection breaks and Redis answers at once (a quick restart,
a new container under the same name), redis-py connects again and repeats the read; kombu has not told it to subscribe
again, so nothing ever comes and the worker's only thread stands still (measured: for as long as anybody waited).
"""

from typing import Any

from kombu.transport import redis as transport
from redis.backoff import NoBackoff
from redis.retry import Retry

NEVER = Retry(NoBackoff(), retries=0)
_receive_one = transport.Channel._receive_one  # type: ignore[attr-defined]  # not in the stubs


def report_broken_subscriptions() -> None:
    """Let a read fail with the connection, so that the worker notices, connects anew and subscribes anew."""
    transport.Channel._receive_one = _receive_or_fail  # type: ignore[attr-defined]


def _receive_or_fail(channel: transport.Channel, subscription: Any) -> Any:
    subscription.connection.retry = NEVER
    return _receive_one(channel, subscription)
