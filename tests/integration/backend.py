"""The backend's own processes on a PostgreSQL and a Redis of their own, without a stack around them."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.checkout import ROOT
from tests.integration.stacks import outside_environment

DATABASE, USER, PASSWORD = "postgres", "deskbeat", "of-these-servers-alone"
SOURCE = ROOT / "services" / "backend"


@dataclass
class Backend:
    """What a process needs to know of the servers: where it may write, and their sockets."""

    directory: Path
    postgres: Path
    redis: Path = Path()

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "PYTHONPATH": str(SOURCE),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": "k" * 50,
            "DB_HOST": str(self.postgres),
            "DB_NAME": DATABASE,
            "DB_USER": USER,
            "DB_PASSWORD": PASSWORD,
            "REDIS_HOST": str(self.redis),
            "REDIS_PASSWORD": PASSWORD,
            "LOG_FORMAT": "plain",
        }
        return outside_environment() | own

    def manage(self, *words: str) -> str:
        command = [sys.executable, str(SOURCE / "manage.py"), *words]
        done = subprocess.run(command, env=self.environment, cwd=self.directory, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sql(self, statement: str, *given: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(
            host=str(self.postgres), user=USER, password=PASSWORD, dbname=DATABASE, autocommit=True
        ) as connection:
            cursor = connection.execute(statement, given or None)
            return cursor.fetchall() if cursor.description else []
