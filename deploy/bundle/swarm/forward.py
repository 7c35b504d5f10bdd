"""Hand every connection to one of the containers behind a name; one that is away is not noticed by who connects.

`make swarm-up` runs this file in a container of its own, with nothing but the standard library.
"""

import asyncio
import json
import random
import signal
import socket
import sys
from contextlib import suppress
from datetime import UTC, datetime

CONNECT_SECONDS = 2
# A service that is being replaced has at most a moment without any address that answers.
PATIENCE_SECONDS = 10
PAUSE_SECONDS = 0.1
CHUNK = 65536

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def dial(name: str, port: int) -> Streams:
    """Try the addresses behind the name, in any order, until one answers."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        for address in await _addresses(name, port):
            with suppress(OSError, TimeoutError):
                return await asyncio.wait_for(asyncio.open_connection(address, port), CONNECT_SECONDS)
        if asyncio.get_running_loop().time() > deadline:
            raise ConnectionError(f"nothing answers behind {name}:{port}")
        await asyncio.sleep(PAUSE_SECONDS)


async def _addresses(name: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except socket.gaierror:
        return []
    addresses = list({str(sockaddr[0]) for *_, sockaddr in found})
    random.shuffle(addresses)
    return addresses


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy one direction to its end, and say that it ended."""
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        writer.write_eof()


async def connect(client: Streams, name: str, port: int) -> None:
    reader, writer = client
    try:
        server_reader, server_writer = await dial(name, port)
    except ConnectionError as error:
        _log("warning", str(error))
        writer.close()
        return
    await asyncio.gather(pump(reader, server_writer), pump(server_reader, writer))
    server_writer.close()
    writer.close()


def _log(level: str, event: str) -> None:
    entry = {"ts": datetime.now(UTC).isoformat(), "level": level, "logger": "relay", "event": event}
    print(json.dumps(entry), flush=True)


async def serve(listen: str, listen_port: int, name: str, port: int) -> None:
    """Serve until SIGTERM."""
    server = await asyncio.start_server(lambda *client: connect(client, name, port), listen, listen_port)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve("0.0.0.0", int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))  # noqa: S104 -- inside its container
