"""Ask the host runtime's programs how they are."""

import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from bundle.host import postgres, redis
from bundle.host.environment import Place
from bundle.invocation import url

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


def of(program: str, place: Place, environment: Mapping[str, str], *, after: float = 0) -> str:
    """Return `healthy`, or what is wrong with the program in a few words."""
    if program == "postgres":
        problem = "" if postgres.ready(place.postgres) else "not ready"
    elif program == "redis":
        problem = "" if redis.ready(place.redis_socket, password(environment)) else "not ready"
    elif program == "web":
        problem = web(address(environment["WEB_LISTEN"]))
    else:
        stale = environment.get("HEARTBEAT_STALE_SECONDS") or place.default("HEARTBEAT_STALE_SECONDS")
        problem = heartbeat(place.heartbeat, stale_seconds=float(stale), after=after)
    return problem or HEALTHY


def address(listen: str) -> str:
    """Turn what gunicorn listens on into what a client asks."""
    host, _, port = listen.rpartition(":")
    return url(host.strip("[]"), port)


def password(environment: Mapping[str, str]) -> str:
    """Read the password of our own Redis."""
    file = environment.get("REDIS_PASSWORD_FILE", "")
    return Path(file).read_text(encoding="ascii").strip() if file else ""
