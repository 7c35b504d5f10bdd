"""A request id for every request, and one log line when it ends."""

import logging
import re
import time
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

from core import request_id
from core.health.middleware import PROBES

logger = logging.getLogger("deskbeat.request")
ACCEPTED_ID = re.compile(r"[\w.-]{1,64}")


class RequestLogMiddleware:
    """Bind the caller's X-Request-ID (or a new one), send it back, and log the request with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        # Not taken back at the end: Django logs a refusal after the middleware, and the next request sets its own.
        request_id.current.set(given if ACCEPTED_ID.fullmatch(given) else uuid4().hex)
        began = time.monotonic()
        response = self._get_response(request)
        response["X-Request-ID"] = request_id.current.get()
        _log(request, response, time.monotonic() - began)
        return response


def _log(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    fields = {
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "duration_ms": round(seconds * 1000),
    }
    # Probes ask every few seconds: their lines are only wanted while debugging.
    level = logging.DEBUG if request.path in PROBES else logging.INFO
    logger.log(level, "%s %s %s", request.method, request.path, response.status_code, extra={"fields": fields})
