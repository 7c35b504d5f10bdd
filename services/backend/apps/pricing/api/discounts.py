"""Recomputes, for the installation's staff: they concern every organisation."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from ninja.errors import HttpError

from apps.pricing import services
from apps.pricing.enums import CLEANUP_TASK, HISTORY_TASK, RECOMPUTE_TASK, WINDOW_DAYS
from core.refusals import Refusal
from core.runs.api.accepted import FOLLOWED, IdempotencyKey, refuse_other, run_accepted, run_asked
from core.runs.api.callers import run_auth, run_of, staff_of
from core.runs.api.schemas import RunDetail
from core.runs.enums import Trigger
from core.runs.models import Run
from core.runs.services.request import Request

router = Router(tags=["discounts"], auth=run_auth)


@router.post(
    "/admin/discounts/trigger-recompute",
    response={200: RunDetail, 202: RunDetail, 409: Refusal},
    openapi_extra=FOLLOWED,
    summary="Ask for a recompute",
    operation_id="discounts_recompute",
)
def trigger_recompute(
    request: HttpRequest,
    response: HttpResponse,
    days_threshold: Annotated[int, Query(ge=0, le=WINDOW_DAYS)] = WINDOW_DAYS,
    async_task: bool = True,
    idempotency_key: IdempotencyKey = None,
) -> Status[Run]:
    """For staff. Of batches that expire within so many days. `async_task=false` answers when it is done, and refuses
    what is more than a request should wait for.
    """
    staff, wanted = staff_of(request), {"days_threshold": days_threshold}
    if async_task:
        asked = Request(
            name=RECOMPUTE_TASK,
            kwargs=wanted,
            trigger=Trigger.API,
            requested_by=staff.name,
            idempotency_key=idempotency_key,
        )
        return run_accepted(response, run_asked(asked))
    run = services.recompute_here(
        operator=staff.operator, days_threshold=days_threshold, idempotency_key=idempotency_key
    )
    refuse_other(run, name=RECOMPUTE_TASK, kwargs=wanted)
    return Status(200, run)


@router.get(
    "/admin/discounts/task-status/{uuid:run_id}",
    response=RunDetail,
    summary="Follow a run of the pricing chores",
    operation_id="discounts_status",
)
def task_status(request: HttpRequest, run_id: UUID) -> Run:
    """As `/tasks/status/<id>` answers: runs of the whole installation are its staff's to see."""
    run = run_of(request, run_id)
    if run.name not in (RECOMPUTE_TASK, CLEANUP_TASK, HISTORY_TASK):
        raise HttpError(404, f"There is no run of a pricing chore with the id {run_id}.")
    return run
