"""The broker is found through a real sentinel, also when the first one that is named does not answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from kombu import Connection

from config import addresses, sentinel
from config.env import Environment
from tests import servers
from tests.servers import free_port

PASSWORD, MASTER = "of-the-master", "desk"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Start a master and the sentinel that watches it."""
    port, watching, nobody = free_port(), free_port(), free_port()
    program = servers.redis_program()
    master = [program, "--port", str(port), "--requirepass", PASSWORD, "--save", "", "--dir", str(tmp_path)]
    file = tmp_path / "sentinel.conf"
    file.write_text(
        f"port {watching}\ndir {tmp_path}\nsentinel monitor {MASTER} 127.0.0.1 {port} 1\n"
        f"sentinel auth-pass {MASTER} {PASSWORD}\n"
    )
    with (
        servers.running(master, tmp_path / "master.log", redis.Redis(port=port, password=PASSWORD).ping),
        servers.running([program, str(file), "--sentinel"], tmp_path / "log", redis.Redis(port=watching).ping),
    ):
        yield f"sentinel://:{PASSWORD}@127.0.0.1:{nobody}/1;sentinel://127.0.0.1:{watching}?master_name={MASTER}"


def test_a_message_goes_through_the_master_that_the_sentinels_name(address):
    url, options = sentinel.for_kombu(addresses.redis_broker(Environment({"CELERY_BROKER_URL": address})))
    with Connection(url, transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS | options) as connection:
        queue = connection.SimpleQueue("letters")

        queue.put({"to": "ada"})

        assert queue.get(timeout=10).payload == {"to": "ada"}
        assert connection.default_channel.client.connection_pool.connection_kwargs["db"] == 1
