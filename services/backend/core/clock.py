"""The one clock: PostgreSQL's, because every process and every host shares it."""

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """Return the current transaction's time (aware, UTC); outside a transaction, the time of the statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        now: datetime = cursor.fetchone()[0]
    return now
