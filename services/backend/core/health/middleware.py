"""The probes' door: before the check of the host name, which a probe inside the container does not know."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from core.health.views import healthz, readyz

PROBES = {"/healthz": healthz, "/readyz": readyz}


class ProbeMiddleware:
    """Answer /healthz and /readyz whatever ALLOWED_HOSTS says, and pass everything else on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return PROBES.get(request.path, self._get_response)(request)
