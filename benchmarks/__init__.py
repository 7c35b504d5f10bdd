"""Measure what the archive run costs, on a PostgreSQL of its own (`make bench`; README.md says how to read it).

Importing the package names that server in the environment and loads Django, before any module here imports a model. A
process that the benchmark starts finds the same names in its environment.
"""

import os
import secrets
import tempfile
from pathlib import Path

import django

MARK = "BENCH_DIRECTORY"


def _name_the_server() -> None:
    directory = Path(tempfile.mkdtemp(prefix="deskbeat-bench-"))
    # A socket is reached through its directory, also by a server that gave root up.
    directory.chmod(0o711)
    os.environ |= {
        MARK: str(directory),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": secrets.token_urlsafe(40),
        "DB_HOST": str(directory / "postgres"),
        "DB_PORT": "5432",
        "DB_NAME": "migrated",
        "DB_USER": "deskbeat",
        "DB_PASSWORD": secrets.token_urlsafe(16),
        "TICKET_ARCHIVE_AFTER_HOURS": "24",
        "LOG_LEVEL": "WARNING",
    }


if MARK not in os.environ:
    _name_the_server()
DIRECTORY = Path(os.environ[MARK])
django.setup()
