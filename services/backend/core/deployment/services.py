"""Migrate once per deploy, however many containers start at the same time."""

import io
from collections.abc import Callable

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from core.clock import database_now
from core.deployment.signals import deployed
from core.schedules.jobs import declared_jobs, jobs_off
from core.schedules.services import schedules_sync

# Any constant will do, as long as every release uses the same.
DEPLOY_LOCK = 7_310_241


class LineWriter(io.TextIOBase):
    """Hand on what a command prints, one line at a time."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._begun = ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in filter(str.strip, lines):
            self._say(line.strip())
        return len(text)


def deploy(say: Callable[[str], None]) -> None:
    """Migrate, sync the schedules and let the apps follow up, under one advisory lock.

    The lock belongs to the session, and `migrate` uses the same one: a deploy that dies frees it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [DEPLOY_LOCK])
    try:
        if migrations_pending():
            call_command("migrate", interactive=False, verbosity=1, no_color=True, stdout=LineWriter(say))
        else:
            say("No migration is pending.")
        for change in schedules_sync(specs=declared_jobs(), off=jobs_off(), now=database_now()):
            say(change)
        for _, sentence in deployed.send(sender=None):
            if sentence:
                say(sentence)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [DEPLOY_LOCK])


def migrations_pending() -> bool:
    """Tell whether the code has migrations that the database lacks (an empty database lacks all)."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
