"""The published port of a node: where it listens, and what it does with a connection."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bundle.invocation import Invocation
from bundle.swarm import forward, relay

Typed = Callable[..., Invocation]


def test_the_web_is_published_where_the_user_says(typed: Typed) -> None:
    (web,) = relay.wanted(typed(STACK_NAME="shop", WEB_PORT="81", WEB_BIND="::1"), ["backend", "celery"])

    line = web.run("sha256:1")
    assert line[line.index("--publish") + 1] == "[::1]:81:8000"
    assert line[line.index("--network") + 1] == "shop-public"
    assert line[-3:] == ["8000", "tasks.shop_backend", "8000"]


def test_a_new_release_needs_no_new_relay_and_another_port_does(typed: Typed) -> None:
    (one,), (same,), (other,) = (
        relay.wanted(typed(**given), ["backend"]) for given in ({}, {"TAG": "v2"}, {"WEB_PORT": "81"})
    )

    assert one.digest == same.digest != other.digest


def test_the_mesh_leaves_nothing_of_the_web_to_this_node(typed: Typed) -> None:
    assert relay.wanted(typed(WEB_MESH="1"), ["backend"]) == []


@asynccontextmanager
async def echo() -> AsyncIterator[int]:
    """Serve what comes back in capitals; ends with its client."""

    server = await asyncio.start_server(_shout, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def said(port: int, words: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(words)
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    return answer


@asynccontextmanager
async def relayed(behind: int) -> AsyncIterator[int]:
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await forward.connect((reader, writer), "localhost", behind)

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def test_a_connection_is_handed_on_in_both_directions() -> None:
    async def run() -> bytes:
        async with echo() as behind, relayed(behind) as port:
            return await said(port, b"hello")

    assert asyncio.run(run()) == b"HELLO"


def test_a_connection_waits_for_a_container_that_is_not_there_yet() -> None:
    async def run() -> bytes:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            behind = probe.getsockname()[1]
        async with relayed(behind) as port:
            asked = asyncio.create_task(said(port, b"late"))
            await asyncio.sleep(0.5)
            server = await asyncio.start_server(_shout, "127.0.0.1", behind)
            async with server:
                return await asked

    assert asyncio.run(run()) == b"LATE"


async def _shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write((await reader.read()).upper())
    writer.close()


def test_a_connection_that_nothing_answers_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "PATIENCE_SECONDS", 0.2)

    async def run() -> bytes:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            behind = probe.getsockname()[1]
        async with relayed(behind) as port:
            return await said(port, b"hello")

    assert asyncio.run(run()) == b""
