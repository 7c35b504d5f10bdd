"""Ask a web and a worker how they are, from outside."""

import http.client
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

TIMEOUT_SECONDS = 5
HEALTHY = "healthy"


def web(address: str) -> str:
    """Return nothing when the web is ready, else what it answers."""
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            return "" if answer.status == 200 else f"/readyz says {answer.status}"
    except urllib.error.HTTPError as error:
        return f"/readyz says {error.code}"
    except OSError:
        return "no answer yet"


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT_SECONDS)
        self.sock.connect(str(self._path))


def web_socket(path: Path, page: str) -> str:
    """Ask one page of a web that listens on a unix socket; nothing means that it answers 200."""
    connection = _UnixConnection(path)
    try:
        connection.request("GET", page)
        answer = connection.getresponse()
        said = answer.read().decode(errors="replace").strip()
        return "" if answer.status == 200 else f"{page} says {answer.status}: {said}"
    except (OSError, http.client.HTTPException):
        return "no answer yet"
    finally:
        connection.close()


def heartbeat(file: Path, *, stale_seconds: float, after: float = 0) -> str:
    """Return nothing when a tick went through lately (and after a given time), else since when none did."""
    try:
        stamp = file.stat().st_mtime
    except OSError:
        return "no tick yet"
    age = time.time() - stamp
    if stamp < after:
        return "no tick yet"
    return "" if age < stale_seconds else f"no tick for {age:.0f} s"
