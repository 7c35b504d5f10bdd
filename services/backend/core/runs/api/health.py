"""What is broken, with since when and what to do; empty when nothing is."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from core.health.findings import Finding, Group, Level
from core.health.report import health_report
from core.runs.api.callers import caller_of

router = Router(tags=["health"])

# These speak of every organisation's work: only for the installation's staff.
OF_OTHERS = frozenset({Group.RUNS, Group.EFFECTS, Group.MEMORY})


class FindingOut(Schema):
    level: Level = Field(description="error: something that was promised does not happen; warning: look today")
    group: Group
    subject: str = Field(description="The broken thing's name", examples=["ml_tasks"])
    sentence: str = Field(examples=["Nobody takes what waits in ml_tasks."])
    remedy: str = Field(description="The page that says what to do", examples=["docs/runbooks/queue-waits.md"])
    since: datetime | None


class Health(Schema):
    healthy: bool = Field(description="Nothing that was promised fails to happen")
    findings: list[FindingOut] = Field(description="Errors first")


@router.get("/health", response=Health, summary="Name what is broken, since when", operation_id="health")
def health(request: HttpRequest) -> dict[str, Any]:
    """Each answer reads the present: what has recovered is not in it. What concerns work of all is for staff."""
    findings = [finding for finding in health_report() if _is_for(request, finding)]
    return {"healthy": all(finding.level != Level.ERROR for finding in findings), "findings": findings}


def _is_for(request: HttpRequest, finding: Finding) -> bool:
    return caller_of(request).is_staff or finding.group not in OF_OTHERS
