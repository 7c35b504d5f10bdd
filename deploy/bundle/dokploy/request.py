"""One change that is asked of Dokploy, and what it should bring about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bundle.dokploy.found import Found

# Stand in the places of answers that are still to come.
PROJECT_ID, ENVIRONMENT_ID, COMPOSE_ID, DOMAIN_ID = "<projectId>", "<environmentId>", "<composeId>", "<domainId>"
Effect = Callable[[Found], Found]


@dataclass(frozen=True)
class Request:
    """`title` says it in words; `effect` foresees the server after it."""

    procedure: str
    body: Mapping[str, Any]
    title: str
    effect: Effect = field(compare=False, repr=False)


def changed(**columns: Any) -> Effect:
    """Foresee other columns of the service."""

    def effect(found: Found) -> Found:
        return replace(found, service=replace(found.service, **columns)) if found.service else found

    return effect
