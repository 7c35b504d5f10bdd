"""The environment of the host runtime's programs: what the images and compose.yaml say for containers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bundle import programs
from bundle.environment import read_by, readers, secrets_of
from bundle.errors import BundleError
from bundle.host import identity
from bundle.invocation import Invocation
from bundle.model import Stack

# What belongs to this command and to make, not to the programs.
OURS = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKE_TERMOUT", "MAKE_TERMERR", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
DATABASE_ELSEWHERE = ("DATABASE_URL", "DATABASE_URL_FILE", "DB_HOST")
REDIS_ELSEWHERE = ("REDIS_URL", "REDIS_URL_FILE", "REDIS_HOST", "CELERY_BROKER_URL", "CELERY_BROKER_URL_FILE")
DATABASE_PASSWORDS = ("DB_PASSWORD", "DB_PASSWORD_FILE", "DATABASE_URL", "DATABASE_URL_FILE")


@dataclass(frozen=True)
class Place:
    """Where everything of one stack lies."""

    invocation: Invocation
    sockets: Path

    @property
    def venv(self) -> Path:
        return self.invocation.root / ".venv"

    @property
    def postgres(self) -> Path:
        return self.invocation.run_dir / "postgres"

    @property
    def redis(self) -> Path:
        return self.invocation.run_dir / "redis"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def heartbeat(self) -> Path:
        return self.invocation.run_dir / "heartbeat"

    def default(self, variable: str) -> str:
        return self.invocation.source.variable[variable].default or ""


@dataclass(frozen=True)
class Embedded:
    """The servers that this stack runs itself; None for those that the user has."""

    postgres: Path | None = None
    postgres_prefix: Sequence[str] = ()
    redis: Path | None = None
    major: int = 0


def elsewhere(environ: Mapping[str, str], names: Sequence[str]) -> bool:
    return any(environ.get(name) for name in names)


def refuse_without_password(environ: Mapping[str, str]) -> None:
    """An existing server has its own password; ours would only be refused there."""
    if elsewhere(environ, DATABASE_ELSEWHERE) and not elsewhere(environ, DATABASE_PASSWORDS):
        raise BundleError(
            "DB_HOST names an existing PostgreSQL but no password is given: set DB_PASSWORD or DB_PASSWORD_FILE."
        )


def build(place: Place, embedded: Embedded, *, supervisor_password: str) -> dict[str, str]:
    """Compute the whole environment that supervisord and its programs get."""
    invocation = place.invocation
    kept = inherited(place)
    return {
        "NODE_NAME": invocation.stack,
        **kept,
        "STACK_NAME": invocation.stack,
        "STACK_RUN_DIR": str(invocation.run_dir),
        "STACK_SOCKET_DIR": str(place.sockets),
        "SUPERVISOR_PASSWORD": supervisor_password,
        "HEARTBEAT_FILE": str(place.heartbeat),
        "WEB_LISTEN": web_listen(invocation),
        "PYTHONDONTWRITEBYTECODE": "1",
        **_secrets(kept, invocation),
        **_database(place, embedded),
        **_redis(place, embedded),
    }


def _secrets(kept: Mapping[str, str], invocation: Invocation) -> dict[str, str]:
    """Name our files, unless the user gave the secret in one of its two forms; servers elsewhere have their own."""
    stack = invocation.source
    opening_servers = {secret for service in _services(stack, "data") for secret in secrets_of(stack, service)}
    wanted = {one.name: one.secret for service in _services(stack, "app") for one in read_by(stack, service)}
    return {
        f"{name}_FILE": str(invocation.secret_file(name))
        for name, secret in wanted.items()
        if secret and secret not in opening_servers and not (kept.get(name) or kept.get(f"{name}_FILE"))
    }


def _services(stack: Stack, group: str) -> list[str]:
    """Name the services that the programs of a group stand for, each once."""
    return list(dict.fromkeys(stack.program[name].service for name in programs.in_group(stack, group)))


def _database(place: Place, embedded: Embedded) -> dict[str, str]:
    if embedded.postgres is None:
        return {}
    return {
        "POSTGRES_BIN": str(embedded.postgres),
        "POSTGRES_AS": identity.word(embedded.postgres_prefix),
        "PGDATA": str(place.postgres),
        "DB_HOST": str(place.sockets),
        **{name: place.default(name) for name in ("DB_PORT", "DB_NAME", "DB_USER")},
        "DB_PASSWORD": "",
        "DB_PASSWORD_FILE": str(place.invocation.secret_file("DB_PASSWORD")),
    }


def _redis(place: Place, embedded: Embedded) -> dict[str, str]:
    if embedded.redis is None:
        return {}
    return {
        "REDIS_SERVER": str(embedded.redis),
        "REDIS_HOST": str(place.redis_socket),
        "REDIS_PASSWORD": "",
        "REDIS_PASSWORD_FILE": str(place.invocation.secret_file("REDIS_PASSWORD")),
    }


def inherited(place: Place) -> dict[str, str]:
    """Keep the user's environment, less what belongs to this command; our programs come first on PATH."""
    environ = place.invocation.environ
    dropped = {*OURS, *_read_only_by_make(place.invocation.source)}
    kept = {name: value for name, value in environ.items() if name not in dropped}
    return {**kept, "PATH": f"{place.venv / 'bin'}:{environ.get('PATH', '/usr/bin:/bin')}"}


def settings(stack: Stack) -> set[str]:
    """Name every variable that a program reads, each also as a file: whatever else a shell exports is none of them."""
    names = stack.variable.keys() - _read_only_by_make(stack)
    return names | {f"{name}_FILE" for name in names}


def _read_only_by_make(stack: Stack) -> set[str]:
    return {name for name, variable in stack.variable.items() if readers(stack, variable) == ("make",)}


def web_listen(invocation: Invocation) -> str:
    bind = f"[{invocation.bind}]" if ":" in invocation.bind else invocation.bind
    return f"{bind}:{invocation.port}"
