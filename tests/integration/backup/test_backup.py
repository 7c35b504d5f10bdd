"""A dump holds schedules, results and runs, and a database that is restored from it holds them again."""

import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django_celery_beat.models import PeriodicTask
from django_celery_results.models import TaskResult

from core.clock import database_now
from core.runs.enums import Outcome, State
from core.runs.models import RunItem
from core.runs.tests.factories import run_make
from tests import servers

pytestmark = pytest.mark.django_db(transaction=True)

EVERY_ROW = "SELECT t::text FROM {} t"
KEPT = (
    "django_celery_beat_periodictask",
    "django_celery_beat_crontabschedule",
    "django_celery_results_taskresult",
    "schedules_schedule",
    "runs_run",
    "runs_runitem",
)


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Make an empty database on the same server, and name it."""
    name = f"{connection.settings_dict['NAME']}_restored"
    with asking("postgres") as server:
        server.execute(f'CREATE DATABASE "{name}"')
    yield name
    with asking("postgres") as server:
        server.execute(f'DROP DATABASE "{name}"')


def asking(database: str) -> psycopg.Connection:
    login = {"host": os.environ["DB_HOST"], "user": os.environ["DB_USER"], "password": os.environ["DB_PASSWORD"]}
    return psycopg.connect(**login, dbname=database, autocommit=True)


def program(name: str, *words: str) -> None:
    login = {"PGHOST": os.environ["DB_HOST"], "PGUSER": os.environ["DB_USER"], "PGPASSWORD": os.environ["DB_PASSWORD"]}
    subprocess.run([servers.postgres_binaries() / name, *words], env=login, check=True)


def rows(database: str) -> dict[str, list[tuple]]:
    with asking(database) as server:
        return {table: sorted(server.execute(EVERY_ROW.format(table)).fetchall()) for table in KEPT}


def test_a_restored_database_holds_schedules_results_and_runs(tmp_path: Path, elsewhere: str):
    call_command("sync_schedules", stdout=StringIO())
    PeriodicTask.objects.update(last_run_at=database_now())
    TaskResult.objects.create(task_id="one", status="SUCCESS", result="42")
    failed = run_make(State.FAILED, error="No ink.", queued_at=database_now() - timedelta(days=2))
    RunItem.objects.create(run=failed, subject="tests.row:7", outcome=Outcome.FAILED, error="jammed")
    before = rows(connection.settings_dict["NAME"])

    program("pg_dump", "--format=custom", f"--file={tmp_path / 'dump'}", connection.settings_dict["NAME"])
    restoring = ("--clean", "--if-exists", "--exit-on-error", "--single-transaction", "--no-owner")
    program("pg_restore", *restoring, f"--dbname={elsewhere}", str(tmp_path / "dump"))

    assert rows(elsewhere) == before
    assert all(before.values())
