"""Databases full of tickets: filled once, then copied for each run, so that every run meets the same table."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection

from apps.tickets.enums import ARCHIVE_TASK
from benchmarks.contenders import RUN
from benchmarks.filling import FILL, TABLES
from benchmarks.scale import START, Scale
from core.runs.enums import State, Trigger
from core.runs.models import Run

MIGRATED = os.environ["DB_NAME"]
COPY = "run"
TICKETS_PER_BOARD = 5000
PEOPLE = 20


@contextmanager
def connected(database: str) -> Iterator[None]:
    """Let Django's connection be one to this database during the block; nobody may hold a database that is copied."""
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()


def filled(tickets: int) -> str:
    """Return the name of the database that holds so many tickets."""
    return f"tickets_{tickets}"


def tables_fill(scale: Scale) -> Iterator[str]:
    """Make one database per size by the project's migrations; yields what it does before it does it."""
    yield "migrations"
    tables_migrate()
    with connected(MIGRATED):
        User.objects.bulk_create(User(username=f"person-{number}") for number in range(PEOPLE))
        run_make(ARCHIVE_TASK)
    for tickets in scale.tables:
        yield f"a table of {tickets:,} tickets"
        administer(f"CREATE DATABASE {filled(tickets)} TEMPLATE {MIGRATED}")
        _fill(tickets, scale)


def run_make(task: str) -> None:
    """Put the run on record whose work the contender does, as its start leaves it."""
    fields = {"trigger": Trigger.SCHEDULE, "state": State.RUNNING, "attempt": 1, "policy": "default"}
    Run.objects.create(id=RUN, name=task, queue="default", **fields)


def tables_migrate() -> None:
    """Make the database that the others are copied from."""
    administer(f"CREATE DATABASE {MIGRATED}")
    with connected(MIGRATED):
        call_command("migrate", verbosity=0)


def _fill(tickets: int, scale: Scale) -> None:
    boards = max(1, tickets // TICKETS_PER_BOARD)
    values: dict[str, Any] = {
        "tickets": tickets,
        "boards": boards,
        "few": scale.few,
        "many": scale.many,
        "start": START,
    }
    rows_fill(filled(tickets), FILL, TABLES, values)


def rows_fill(database: str, statements: Iterable[str], tables: Iterable[str], values: dict[str, Any]) -> None:
    with connected(database), connection.cursor() as cursor:
        # No triggers and no foreign keys checked: the rows are what both would have left.
        cursor.execute("SET session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement, values)
        for table in tables:
            cursor.execute(f"VACUUM (ANALYZE) {table}")


@contextmanager
def copied(database: str) -> Iterator[None]:
    """Connect Django to a fresh copy of the database."""
    administer(f"CREATE DATABASE {COPY} TEMPLATE {database} STRATEGY file_copy")
    try:
        with connected(COPY):
            yield
    finally:
        administer(f"DROP DATABASE {COPY} WITH (FORCE)")


def session(database: str) -> psycopg.Connection:
    """Open a connection beside Django's: an administrator's or another user's."""
    return psycopg.connect(
        host=os.environ["DB_HOST"],
        port=os.environ["DB_PORT"],
        user=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"],
        dbname=database,
        autocommit=True,
    )


def administer(statement: str) -> None:
    with session("postgres") as administrator:
        administrator.execute(statement.encode())
