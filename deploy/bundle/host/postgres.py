"""Make a PostgreSQL data directory, and tell when its server is ready."""

import sys
from pathlib import Path

from bundle.errors import BundleError
from bundle.host.servers import Postgres
from bundle.process import Result, capture

# A database that initdb always makes.
FIRST_DATABASE = "postgres"


def initdb(postgres: Postgres, data: Path, *, user: str, password_file: Path) -> list[str]:
    """Passwords for every connection, checksums on every page."""
    return [
        postgres.program("initdb"),
        f"--pgdata={data}",
        f"--username={user}",
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
    return [postgres.program("postgres"), "--single", "-D", str(data), FIRST_DATABASE]


def initialise(initdb_line: list[str], single_line: list[str], *, database: str) -> None:
    """Fill an empty directory with a cluster and one database."""
    _ensure(initdb_line)
    if database != FIRST_DATABASE:
        _ensure(single_line, f'CREATE DATABASE "{database}"\n')


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
