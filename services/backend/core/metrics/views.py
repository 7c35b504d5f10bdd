"""The door for Prometheus: GET /api/v1/tasks/metrics, for staff who are signed in, or with METRICS_TOKEN."""

from hmac import compare_digest

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from core.metrics.collect import metrics_text

REFUSAL = "Metrics are for staff: sign in at /admin/, or send the METRICS_TOKEN as a bearer token.\n"


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not (_is_staff(request) or _has_token(request)):
        refusal = HttpResponse(REFUSAL, status=401, content_type="text/plain; charset=utf-8")
        refusal["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return refusal
    try:
        return HttpResponse(metrics_text(), content_type=CONTENT_TYPE_LATEST)
    except (DatabaseError, InterfaceError):
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain; charset=utf-8")


def _is_staff(request: HttpRequest) -> bool:
    return request.user.is_active and bool(getattr(request.user, "is_staff", False))


def _has_token(request: HttpRequest) -> bool:
    """Without METRICS_TOKEN no token is right, the empty one neither."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    return bool(wanted) and scheme.lower() == "bearer" and compare_digest(token.strip().encode(), wanted.encode())
