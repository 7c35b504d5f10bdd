"""Write a new run's row with one statement: this is what every `.delay()` waits for."""

from functools import cache
from typing import Any

from django.db import connection
from psycopg.sql import Literal

from core.runs.arguments import ArgumentEncoder
from core.runs.models import Run

# What differs from run to run. The other columns take their defaults as constants of the statement: a parameter of each
# would cost more than the rest of it (measured: a third of the time).
GIVEN = (
    "id",
    "name",
    "queue",
    "organisation_id",
    "trigger",
    "requested_by",
    "schedule_id",
    "slot",
    "policy",
    "max_attempts",
    "singleton",
    "not_before",
    "expires_at",
    "request_id",
    "idempotency_key",
    "retry_of_id",
    "parent_id",
)
JSON = ("args", "kwargs", "options")
# The database's clock sets these. A run that may go to the queue at once is marked as sent with its row, because its
# message follows directly: a second write would cost as much again.
STAMPED = ("queued_at", "published_at")

# As a part of a statement that is its own transaction: its commit does not wait for the disk (a flush takes 1.6 ms on a
# quiet disk, 30 on a busy one). Only a crash of the database's machine can take it back, by 0.6 s at most (three times
# wal_writer_delay).
NO_WAIT = "set_config('synchronous_commit', 'off', true)"
_encode = ArgumentEncoder().encode


def run_insert(run: Run, *, sent: bool) -> None:
    """Insert the row as QUEUED, and set `queued_at` and `published_at` as written.

    IntegrityError: the slot or the key is taken. TypeError: an argument is no JSON.
    """
    values: list[Any] = [getattr(run, name) for name in GIVEN]
    values += [_encode(getattr(run, name)) for name in JSON]
    with connection.cursor() as cursor:
        cursor.execute(_statement(durable=connection.in_atomic_block), [*values, sent])
        run.queued_at, run.published_at, *_ = cursor.fetchone()
    run._state.adding, run._state.db = False, connection.alias


@cache
def _statement(*, durable: bool) -> str:
    columns = [*GIVEN, *JSON, *STAMPED]
    constants = {
        str(field.column): Literal(field.get_default())
        for field in Run._meta.concrete_fields
        if field.column not in columns and not field.null
    }
    given = ["%s"] * (len(GIVEN) + len(JSON))
    values = [*given, "now()", "CASE WHEN %s THEN now() END", *(value.as_string() for value in constants.values())]
    names = ", ".join([*columns, *constants])
    # A transaction of the caller's is the caller's promise; alone, the row comes back from its message.
    returned = STAMPED if durable else (*STAMPED, NO_WAIT)
    return f"INSERT INTO runs_run ({names}) VALUES ({', '.join(values)}) RETURNING {', '.join(returned)}"  # noqa: S608
