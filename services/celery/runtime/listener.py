"""supervisord's event listener: end the container when a program is gone for good or makes no progress.

Docker restarts a container that ends, never one that is merely unhealthy (moby/moby#28400), and supervisord stays up
with dead children (Supervisor#712). Standard library only: this process is resident in every worker container.
"""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

Headers = dict[str, str]

ANSWER_SECONDS = 2
# As in the settings, for whoever starts the image without the variable.
CONCURRENCY = 2


def events(lines: TextIO, answers: TextIO) -> Iterator[tuple[Headers, Headers]]:
    """Speak the listener protocol: READY, an event's header and payload, RESULT; one event is out at a time."""
    while True:
        answers.write("READY\n")
        answers.flush()
        header = _fields(lines.readline())
        if not header:
            return
        yield header, _fields(lines.read(int(header["len"])))
        answers.write("RESULT 2\nOK")
        answers.flush()


def _fields(text: str) -> Headers:
    return dict(word.split(":", 1) for word in text.split())


def program_failure(name: str, payload: Mapping[str, str]) -> str | None:
    """Return what is wrong when the event tells that a program is gone, else None."""
    program = payload.get("processname", "")
    if name == "PROCESS_STATE_FATAL":
        return f"{program} could not be started"
    # Whatever its code: a program that was told to stop becomes STOPPED, never EXITED.
    if name == "PROCESS_STATE_EXITED":
        return f"{program} ended by itself"
    return None


class ProgressWatch:
    """Tell when no tick has gone through beat, Redis, worker and database for too long, though both servers answer.

    An outage of a server is not this container's fault, and ending it would not help: the time starts anew.
    """

    def __init__(self, file: Path, limit_seconds: float, servers: list[tuple[str, int]]) -> None:
        self._file = file
        self._limit_seconds = limit_seconds
        self._servers = servers
        self._since = time.monotonic()
        self._stamp = 0.0
        self.waiting = False

    def failure(self, *, excused: bool = False) -> str | None:
        """Return what is wrong; `excused`: nothing can be expected just now."""
        stamp = self._file.stat().st_mtime if self._file.exists() else 0.0
        moved = stamp != self._stamp
        self.waiting = not moved and not all(map(_answers, self._servers))
        if moved or self.waiting or excused:
            self._stamp, self._since = stamp, time.monotonic()
        silent = self.silent_seconds
        return f"no progress for {silent:.0f} s" if silent > self._limit_seconds else None

    @property
    def silent_seconds(self) -> float:
        return time.monotonic() - self._since


def busy(file: Path) -> int:
    """Count the worker's processes that are in a task, within its time, and take no tick (core/heartbeat/work)."""
    return sum(1 for mark in file.parent.glob(f"{file.name}.busy.*") if _valid(mark))


def _valid(mark: Path) -> bool:
    try:
        os.kill(int(mark.suffix[1:]), 0)
        return mark.stat().st_mtime > time.time()
    except (OSError, ValueError):
        return False


def server(environment: Mapping[str, str], urls: tuple[str, ...], prefix: str, port: int) -> tuple[str, int]:
    """Return host and port from the first address that is set (or in its file), else from the HOST and PORT."""
    for name in urls:
        file = environment.get(f"{name}_FILE")
        if url := Path(file).read_text().strip() if file else environment.get(name):
            parts = urlsplit(url.partition(";")[0])  # of several sentinels the first
            return parts.hostname or parts.path, parts.port or port
    return environment.get(f"{prefix}_HOST") or "localhost", int(environment.get(f"{prefix}_PORT") or port)


def _answers(server: tuple[str, int]) -> bool:
    host, port = server
    try:
        if host.startswith("/"):
            with socket.socket(socket.AF_UNIX) as there:
                there.settimeout(ANSWER_SECONDS)
                there.connect(_socket(Path(host), port))
        else:
            socket.create_connection(server, timeout=ANSWER_SECONDS).close()
    except OSError:
        return False
    return True


def _socket(path: Path, port: int) -> str:
    """Name the socket: PostgreSQL's clients are told its directory, which is there without the server too."""
    return str(path / f".s.PGSQL.{port}" if path.is_dir() else path)


def end_container(reason: str, failure: Path) -> None:
    """Leave the reason for the exit code, say it once, and ask supervisord to stop everything properly."""
    if failure.exists():
        return
    failure.write_text(reason)
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    event = f"Ending the container: {reason}."
    line = {"ts": now, "level": "error", "logger": "runtime.listener", "event": event}
    sys.stderr.write(json.dumps(line) + "\n")
    sys.stderr.flush()
    os.kill(os.getppid(), signal.SIGTERM)


def watch(environment: Mapping[str, str]) -> ProgressWatch:
    """Watch the heartbeats of this node."""
    return ProgressWatch(
        Path(environment["HEARTBEAT_FILE"]),
        float(environment["HEARTBEAT_GIVE_UP_SECONDS"]),
        [
            server(environment, ("DATABASE_URL",), "DB", 5432),
            server(environment, ("CELERY_BROKER_URL", "REDIS_URL"), "REDIS", 6379),
        ],
    )


def main(environment: Mapping[str, str], failure: Path) -> None:
    """Listen until supervisord closes the pipe."""
    progress, file = watch(environment), Path(environment["HEARTBEAT_FILE"])
    processes = int(environment.get("CELERY_CONCURRENCY") or CONCURRENCY)
    for header, payload in events(sys.stdin, sys.stdout):
        reason = program_failure(header["eventname"], payload) or progress.failure(excused=busy(file) >= processes)
        if reason:
            end_container(reason, failure)


if __name__ == "__main__":
    main(os.environ, Path(sys.argv[1]))
