"""Keep the database connection of a worker's child from task to task, as clean as a new one.

Celery closes every connection before and after each task, and a new one costs more than a short run's whole record
(a process of PostgreSQL's and a SCRAM handshake: 5 ms on an idle machine; a statement takes 0.03). A child of the
prefork pool has one thread for its tasks, so one connection serves them all, and is closed when the child ends. In
other pools a connection belongs to a thread, or to a greenlet, whose end nobody announces: there Celery's way stays.
"""

from functools import cached_property
from typing import Any

from celery import Celery, signals
from celery.fixups import django as stock
from django.db import Error, close_old_connections, connections
from django.db.backends.base.base import BaseDatabaseWrapper


class KeptConnections(stock.DjangoWorkerFixup):  # type: ignore[name-defined]  # not in the stubs
    def install(self) -> "KeptConnections":
        super().install()
        signals.worker_process_shutdown.connect(self.on_worker_process_shutdown)
        return self

    def on_task_prerun(self, sender: Any, **kwargs: Any) -> None:
        """Close what is too old, and let Django ask the server for a sign of life before the first statement."""
        if self._is_prefork():
            close_old_connections()
        else:
            super().on_task_prerun(sender, **kwargs)

    def on_task_postrun(self, sender: Any, **kwargs: Any) -> None:
        if self._is_prefork():
            for connection in connections.all(initialized_only=True):
                leave_as_new(connection)
            self.close_cache()
        else:
            super().on_task_postrun(sender, **kwargs)

    def on_worker_process_shutdown(self, **_: Any) -> None:
        connections.close_all()


def leave_as_new(connection: BaseDatabaseWrapper) -> None:
    """Take from the connection what a task left in it: settings, locks, temporary tables.

    A transaction that is still open cannot be cleaned so: it is rolled back with its connection, and Django's own idea
    of it, which would outlive a mere close, goes too.
    """
    if connection.in_atomic_block:
        connection.close()
        del connections[connection.alias]
    elif connection.connection is not None and not (_is_untouched(connection) or _discard(connection)):
        connection.close()


def _is_untouched(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether the sign of life that `on_task_prerun` asks for was never needed."""
    return connection.health_check_enabled and not connection.health_check_done  # type: ignore[attr-defined]


def _discard(connection: BaseDatabaseWrapper) -> bool:
    try:
        with connection.wrap_database_errors:
            with connection.cursor() as cursor:
                cursor.execute("DISCARD ALL")
            # What Django sets in a new session: its time zone, its role.
            connection.init_connection_state()
    except Error:
        return False
    return True


class Fixup(stock.DjangoFixup):
    @cached_property
    def worker_fixup(self) -> KeptConnections:  # Celery's is made when asked for, too
        return KeptConnections(self.app)


def fixup(app: Celery) -> Fixup:
    """Stand in the place of `celery.fixups.django:fixup`."""
    found = Fixup(app)
    found.install()
    return found
