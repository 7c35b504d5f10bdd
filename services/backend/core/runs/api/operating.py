"""Operate runs: each action leaves a row in the audit."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from core.organisations.enums import Role
from core.runs.api.accepted import FOLLOWED, IdempotencyKey, refuse_other, run_accepted
from core.runs.api.callers import caller_of, run_of
from core.runs.api.schemas import RunDetail
from core.runs.models import Run
from core.runs.services.operate import run_approve, run_cancel, run_reject, run_retry, run_terminate
from core.sweep.enums import UNDO_TASK
from core.sweep.services import run_retry_items, run_undo

router = Router(tags=["runs"])


@router.post("/cancel/{uuid:run_id}", response=RunDetail, summary="Cancel a run", operation_id="run_cancel")
def cancel(request: HttpRequest, run_id: UUID) -> Run:
    """What waits is cancelled at once; what runs stops at its next safe point. The wish outlives every restart."""
    return run_cancel(run=run_of(request, run_id, Role.AGENT), operator=caller_of(request).operator)


@router.post(
    "/terminate/{uuid:run_id}",
    response=RunDetail,
    summary="End a run that was cancelled and does not stop",
    operation_id="run_terminate",
)
def terminate(request: HttpRequest, run_id: UUID) -> Run:
    """The second, explicit call after cancel: its worker process is killed. What it has committed stays."""
    return run_terminate(run=run_of(request, run_id, Role.OWNER), operator=caller_of(request).operator)


@router.post(
    "/retry/{uuid:run_id}",
    response={202: RunDetail},
    openapi_extra=FOLLOWED,
    summary="Ask for the same again: a new run, linked to this one",
    operation_id="run_retry",
)
def retry(
    request: HttpRequest, response: HttpResponse, run_id: UUID, idempotency_key: IdempotencyKey = None
) -> Status[Run]:
    run = run_of(request, run_id, Role.AGENT)
    again = run_retry(run=run, operator=caller_of(request).operator, idempotency_key=idempotency_key)
    refuse_other(again, name=run.name, retry_of_id=run.id)
    return run_accepted(response, again)


@router.post("/approve/{uuid:run_id}", response=RunDetail, summary="Let a held run go on", operation_id="run_approve")
def approve(request: HttpRequest, run_id: UUID) -> Run:
    """A run is held when it would change unusually much; `result` says what."""
    return run_approve(run=run_of(request, run_id, Role.OWNER), operator=caller_of(request).operator)


@router.post(
    "/reject/{uuid:run_id}", response=RunDetail, summary="End a held run without a change", operation_id="run_reject"
)
def reject(request: HttpRequest, run_id: UUID) -> Run:
    return run_reject(run=run_of(request, run_id, Role.OWNER), operator=caller_of(request).operator)


@router.post(
    "/retry-items/{uuid:run_id}",
    response={202: RunDetail},
    openapi_extra=FOLLOWED,
    summary="Ask again for the items alone that failed",
    operation_id="run_retry_items",
)
def retry_items(
    request: HttpRequest, response: HttpResponse, run_id: UUID, idempotency_key: IdempotencyKey = None
) -> Status[Run]:
    run = run_of(request, run_id, Role.AGENT)
    again = run_retry_items(run=run, operator=caller_of(request).operator, idempotency_key=idempotency_key)
    refuse_other(again, name=run.name, retry_of_id=run.id)
    return run_accepted(response, again)


@router.post(
    "/undo/{uuid:run_id}",
    response={202: RunDetail},
    openapi_extra=FOLLOWED,
    summary="Ask to take back what a run changed",
    operation_id="run_undo",
)
def undo(
    request: HttpRequest, response: HttpResponse, run_id: UUID, idempotency_key: IdempotencyKey = None
) -> Status[Run]:
    """Rows that nobody touched since are restored; the others are the new run's failed items."""
    run = run_of(request, run_id, Role.OWNER)
    undoing = run_undo(run=run, operator=caller_of(request).operator, idempotency_key=idempotency_key)
    refuse_other(undoing, name=UNDO_TASK, kwargs={"run": str(run.id)})
    return run_accepted(response, undoing)
