"""A deployment: asked for, found among the others, and waited for."""

from collections.abc import Mapping, Sequence
from typing import Any

from bundle import terminal
from bundle.dokploy.api import Api, DokployError, UnreachableError
from bundle.dokploy.found import Service

# Somebody else's server: no need to ask more often for what takes minutes.
PAUSE_SECONDS = 2.0
ENDED = ("done", "error", "cancelled")


def run(api: Api, service: Service, *, title: str, timeout_seconds: int) -> None:
    """Deploy and wait; a row appears only when Dokploy's queue has come to it, so it is the one that was not there."""
    before = {row["deploymentId"] for row in _rows(api, service)}
    api.post("compose.deploy", body(service, title))
    ended: dict[str, Any] = {}

    def missing() -> str:
        row = _newest(api, service, before)
        if row and row["status"] in ENDED:
            ended.update(row)
            return ""
        return "the deployment" if row else "a place in Dokploy's queue"

    terminal.wait_until(missing, timeout_seconds=timeout_seconds, what="Dokploy", pause_seconds=PAUSE_SECONDS)
    if ended["status"] != "done":
        reason = ended.get("errorMessage") or "its log in the Deployments tab says why"
        raise DokployError(f"The deployment ended as {ended['status']!r}: {' '.join(str(reason).split())}.")


def body(service: Service, title: str) -> dict[str, str]:
    return {"composeId": service.id, "title": title}


def _newest(api: Api, service: Service, before: set[str]) -> Mapping[str, Any] | None:
    """Take no answer as no news: Dokploy itself may be busy with what it starts."""
    try:
        new = [row for row in _rows(api, service) if row["deploymentId"] not in before]
    except UnreachableError:
        return None
    return new[-1] if new else None


def _rows(api: Api, service: Service) -> Sequence[Mapping[str, Any]]:
    """List them, the newest first."""
    rows: Sequence[Mapping[str, Any]] = api.get("deployment.allByCompose", composeId=service.id)
    return rows
