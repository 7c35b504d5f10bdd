"""Batches: what each costs now and before, and what happens to its price next."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from apps.pricing import selectors, services
from apps.pricing.api.schemas import AnyDay, BatchIn, BatchOut, BatchPage, BatchPatch, Cursor, PricePointOut
from apps.pricing.enums import RECOMPUTE_SCHEDULE
from apps.pricing.foresight import foretell
from apps.pricing.models import Batch, PricePoint
from core.answers import NextActionOut, PreviewOut, found
from core.cursors import page_of
from core.inputs import Limit
from core.organisations.auth import Caller, require
from core.organisations.enums import Role
from core.refusals import Refusal
from core.schedules.foresight import NextAction
from core.sweep.next_run import next_run_preview

router = Router(tags=["batches"])


@router.get("/batches", response=BatchPage, summary="List batches with their prices", operation_id="batch_list")
def batch_list(  # one for each filter
    request: HttpRequest,
    product: int | None = None,
    expires_before: AnyDay | None = None,
    on_the_shelf: bool = False,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    rows = selectors.batch_list(organisation=require(request, Role.VIEWER).organisation)
    given = {
        "product_id": product,
        "expires_on__lt": expires_before,
        "pk__lt": cursor,
        "qty__gt": 0 if on_the_shelf else None,
    }
    rows = rows.filter(**{name: value for name, value in given.items() if value is not None})
    batches, last = page_of(list(rows.order_by("-pk")[: limit + 1]), limit)
    return {"items": foretell(batches), "next_cursor": last and last.pk}


@router.post("/batches", response={201: BatchOut}, summary="Put a batch on the shelf", operation_id="batch_create")
def batch_create(request: HttpRequest, data: BatchIn) -> Status[Batch]:
    caller = require(request, Role.AGENT)
    product = selectors.product_get(organisation=caller.organisation, product_id=data.product_id)
    fields = data.model_dump(exclude={"product_id"})
    made = services.batch_create(product=found(product, "product", data.product_id), **fields)
    return Status(201, _read(caller, made.pk))


@router.get(
    "/batches/preview",
    response={200: PreviewOut, 409: Refusal},
    summary="Say what the next recompute does",
    operation_id="batch_preview",
)
def batch_preview(request: HttpRequest, limit: Limit = 50) -> dict[str, Any]:
    organisation, sweep = require(request, Role.VIEWER).organisation, services.recompute()
    return next_run_preview(sweep=sweep, schedule=RECOMPUTE_SCHEDULE, organisation=organisation, limit=limit)


@router.get("/batches/{int:batch_id}", response=BatchOut, summary="Read a batch", operation_id="batch_get")
def batch_get(request: HttpRequest, batch_id: int) -> Batch:
    return _read(require(request, Role.VIEWER), batch_id)


@router.patch("/batches/{int:batch_id}", response=BatchOut, summary="Edit a batch", operation_id="batch_edit")
def batch_edit(request: HttpRequest, batch_id: int, data: BatchPatch) -> Batch:
    """Also to give it a price of your own, which no rule raises or keeps up."""
    caller = require(request, Role.AGENT)
    services.batch_edit(batch=_read(caller, batch_id), **data.model_dump(exclude_unset=True))
    return _read(caller, batch_id)


@router.get(
    "/batches/{int:batch_id}/history",
    response=list[PricePointOut],
    summary="List what a batch has cost, oldest first",
    operation_id="batch_history",
)
def batch_history(request: HttpRequest, batch_id: int, limit: Limit = 200) -> list[PricePoint]:
    return selectors.price_point_list(batch=_read(require(request, Role.VIEWER), batch_id), limit=limit)


@router.get(
    "/batches/{int:batch_id}/why",
    response=NextActionOut,
    summary="Say what happens to a batch's price next, when and why",
    operation_id="batch_why",
)
def batch_why(request: HttpRequest, batch_id: int) -> NextAction:
    foretold: NextAction = _read(require(request, Role.VIEWER), batch_id).next_action  # type: ignore[attr-defined]
    return foretold


def _read(caller: Caller, batch_id: int) -> Batch:
    batch = selectors.batch_get(organisation=caller.organisation, batch_id=batch_id)
    return foretell([found(batch, "batch", batch_id)])[0]
