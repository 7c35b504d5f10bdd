"""Ask the host runtime's programs how they are."""

from collections.abc import Mapping
from pathlib import Path

from bundle.host import postgres, redis
from bundle.host.environment import Place
from bundle.invocation import url
from bundle.probe import HEALTHY, heartbeat, web


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
