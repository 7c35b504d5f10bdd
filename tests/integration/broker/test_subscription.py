"""A worker's subscription to commands, when its connection breaks and Redis answers again at once."""

from contextlib import suppress
from itertools import repeat
from queue import SimpleQueue
from threading import Thread

import pytest
from kombu import Exchange, Queue

from config.celery import app


@pytest.fixture
def subscribed(redis_server):
    """Listen as a worker does to what is meant for all workers."""
    with app.connection_for_read() as connection:
        queue = Queue("commands", Exchange("commands", type="fanout"))(connection.channel())
        queue.declare()
        queue.consume(callback=print)
        with suppress(TimeoutError):
            connection.drain_events(timeout=1)
        yield connection


def test_a_broken_subscription_is_reported_and_not_waited_for(subscribed):
    subscribed.default_channel.client.client_kill_filter(_type="pubsub")

    errors: SimpleQueue[Exception] = SimpleQueue()
    # What waits for ever must not keep pytest from ending.
    Thread(target=listen, args=(subscribed, errors), daemon=True).start()

    assert isinstance(errors.get(timeout=20), subscribed.connection_errors)


def listen(connection, errors) -> None:
    for _ in repeat(None):
        try:
            connection.drain_events(timeout=5)
        except TimeoutError:
            continue
        except connection.connection_errors as error:
            errors.put(error)
            return
