"""Deskbeat's Celery app with tasks that misbehave: `celery -A tests.integration.connections.tasks worker`."""

from celery import shared_task
from django.db import connection, transaction

from config.celery import app

__all__ = ["app"]


@shared_task(name="tests.session")
def session() -> dict[str, object]:
    """Tell which session of PostgreSQL's this is, and what stands in it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_backend_pid(), current_setting('statement_timeout'), current_setting('TimeZone'), "
            "to_regclass('pg_temp.leftover') IS NULL"
        )
        pid, timeout, zone, is_clean = cursor.fetchone()
    return {"pid": pid, "timeout": timeout, "zone": zone, "clean": is_clean, "autocommit": connection.get_autocommit()}


@shared_task(name="tests.leave", ledger=False, ignore_result=True)
def leave(*statements: str) -> None:
    """Run the statements, and go."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@shared_task(name="tests.leave_atomic", ledger=False, ignore_result=True)
def leave_atomic(*statements: str) -> None:
    """As a task that its time limit ends while it enters or leaves the block."""
    transaction.atomic().__enter__()
    leave(*statements)


@shared_task(name="tests.leave_manual", ledger=False, ignore_result=True)
def leave_manual(*statements: str) -> None:
    transaction.set_autocommit(False)
    leave(*statements)
