"""Two probes: alive (no I/O), and ready (database, Redis, migrations)."""

import redis
from celery import current_app
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from kombu.exceptions import OperationalError

from core.deployment.services import migrations_pending


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 with every part "ok", or 503 with what is wrong with which part."""
    parts = {"database and migrations": _database(), "redis": _redis()}
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse(parts, status=200 if ready else 503)


def _database() -> str:
    try:
        return "migrations are pending" if migrations_pending() else "ok"
    except (DatabaseError, InterfaceError):
        return "the database does not answer"


def _redis() -> str:
    """Ask through Celery's own connection pool: what matters is that a task could be sent."""
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except (OperationalError, redis.RedisError):
        return "redis does not answer"
    return "ok"
