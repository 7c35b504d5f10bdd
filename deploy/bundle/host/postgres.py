"""Make a PostgreSQL data directory, and tell when its server is ready."""

import sys
from collections.abc import Sequence
from pathlib import Path

from bundle.errors import BundleError
from bundle.host.servers import Postgres
from bundle.process import Result, capture

SUPERUSER = "postgres"


def initdb(postgres: Postgres, data: Path, password_file: Path) -> list[str]:
    """Passwords for every connection, checksums on every page."""
    return [
        postgres.program("initdb"),
        f"--pgdata={data}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        *locale(postgres.major, sys.platform),
        "--data-checksums",
    ]


def locale(major: int, platform: str) -> list[str]:
    """Sort by code point everywhere; upper and lower case of all alphabets where the system knows them."""
    if major >= 17:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C.UTF-8" if platform == "linux" else "--locale=C"]


def single(postgres: Postgres, data: Path) -> list[str]:
    """Start the server for one statement from standard input, before it listens anywhere."""
    return [postgres.program("postgres"), "--single", "-D", str(data), SUPERUSER]


def initialise(postgres: Postgres, data: Path, *, prefix: Sequence[str], password_file: Path, database: str) -> None:
    """Fill an empty directory with a cluster and one database."""
    _ensure([*prefix, *initdb(postgres, data, password_file)])
    if database != SUPERUSER:
        _ensure([*prefix, *single(postgres, data)], f'CREATE DATABASE "{database}"\n')


def ready(data: Path) -> bool:
    """Read the last line of the server's own pid file, which is `ready` once it takes connections."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def _ensure(command: list[str], text_in: str = "") -> None:
    result: Result = capture(command, text_in=text_in)
    if not result.ok or "ERROR:" in result.err:
        raise BundleError(f"PostgreSQL's data directory could not be made: {result.last_words}")
