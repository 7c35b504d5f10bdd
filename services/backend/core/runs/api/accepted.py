"""What every trigger answers: 202 with the place to follow the run, and the same run for the same Idempotency-Key.

For any app's own trigger:

    @router.post("/tasks/sync/slack", response={202: RunDetail}, auth=run_auth, openapi_extra=FOLLOWED)
    def sync_slack(request: HttpRequest, response: HttpResponse, key: IdempotencyKey = None) -> Status[Run]:
        wanted = Request(name="sync_slack_tickets", organisation=..., trigger=Trigger.API, idempotency_key=key, ...)
        return run_accepted(response, run_asked(wanted))
"""

import json
from typing import Annotated, Any

from django.http import HttpResponse
from django.urls import reverse
from ninja import Header, Status
from ninja.errors import HttpError

from core.runs.arguments import ArgumentEncoder
from core.runs.models import Run
from core.runs.services.request import Request, run_request_once

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern="^[!-~]+$",
        description="The same key, sent again with the same request, asks for nothing new and answers with the same "
        "run, for as long as the run is kept; with another request it is refused",
    ),
]
ADDRESS = {"type": "string", "format": "uri-reference"}
PLACE = {"schema": ADDRESS, "required": True, "description": "Where the run is followed"}
# For the page of the API: what `run_accepted` answers beside the run.
FOLLOWED = {"responses": {202: {"headers": {"Location": PLACE}}}}
OTHER_REQUEST = "This Idempotency-Key was used for another request: run {}. Use a new key for a new request."


def run_asked(wanted: Request) -> Run:
    """Ask for the run, or return the one that the same key asked for before."""
    run, is_new = run_request_once(wanted)
    if not is_new:
        refuse_other(run, name=wanted.name, args=list(wanted.args), kwargs=wanted.kwargs)
    return run


def refuse_other(run: Run, **wanted: Any) -> None:
    """Refuse with 422 when the key's run is not what is wanted now."""
    if any(_encoded(getattr(run, name)) != _encoded(value) for name, value in wanted.items()):
        raise HttpError(422, OTHER_REQUEST.format(run.id))


def run_accepted(response: HttpResponse, run: Run) -> Status[Run]:
    """Answer 202 with the run; Location says where it is followed."""
    response["Location"] = reverse("api-1:run_status", kwargs={"run_id": run.id})
    return Status(202, run)


def _encoded(value: Any) -> str:
    return json.dumps(value, cls=ArgumentEncoder, sort_keys=True)
