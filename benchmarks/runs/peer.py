"""dramatiq on the same Redis, without any record: `dramatiq benchmarks.runs.peer`."""

import os

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from benchmarks.runs.work import done

dramatiq.set_broker(RedisBroker(url=os.environ["BENCH_REDIS_URL"]))  # type: ignore[no-untyped-call]


@dramatiq.actor(queue_name="bench")
def peer(sent: float) -> None:
    done(sent)
