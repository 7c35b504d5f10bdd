"""Rules: owners make, weigh and switch them, everybody in the organisation reads them."""

from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Status

from apps.pricing import selectors, services
from apps.pricing.api.schemas import RuleIn, RuleOut, RulePatch, WhatIfOut
from apps.pricing.models import Rule
from apps.pricing.services import WhatIf
from core.answers import found
from core.organisations.auth import Caller, require
from core.organisations.enums import Role

router = Router(tags=["rules"])


@router.get("/rules", response=list[RuleOut], summary="List rules, newest first", operation_id="rule_list")
def rule_list(
    request: HttpRequest,
    active: bool | None = None,
    cursor: Annotated[int | None, Query(description="The last id of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> QuerySet[Rule]:
    rows = Rule.objects.filter(organisation=require(request, Role.VIEWER).organisation).order_by("-pk")
    rows = rows if active is None else rows.filter(active=active)
    return (rows.filter(pk__lt=cursor) if cursor is not None else rows)[:limit]


@router.post("/rules", response={201: RuleOut}, summary="Make a rule, switched off", operation_id="rule_create")
def rule_create(request: HttpRequest, data: RuleIn) -> Status[Rule]:
    organisation = require(request, Role.OWNER).organisation
    return Status(201, services.rule_create(organisation=organisation, **_fields(data)))


@router.get("/rules/{int:rule_id}", response=RuleOut, summary="Read a rule", operation_id="rule_get")
def rule_get(request: HttpRequest, rule_id: int) -> Rule:
    return _rule(require(request, Role.VIEWER), rule_id)


@router.patch("/rules/{int:rule_id}", response=RuleOut, summary="Edit a rule that is off", operation_id="rule_edit")
def rule_edit(request: HttpRequest, rule_id: int, data: RulePatch) -> Rule:
    return services.rule_edit(rule=_rule(require(request, Role.OWNER), rule_id), **_fields(data))


@router.post("/rules/{int:rule_id}/activate", response=RuleOut, summary="Switch on", operation_id="rule_activate")
def rule_activate(request: HttpRequest, rule_id: int) -> Rule:
    """Its prices hold at once for who reads them; a run within a minute or so puts them on record."""
    return _switch(request, rule_id, active=True)


@router.post("/rules/{int:rule_id}/deactivate", response=RuleOut, summary="Switch off", operation_id="rule_deactivate")
def rule_deactivate(request: HttpRequest, rule_id: int) -> Rule:
    return _switch(request, rule_id, active=False)


@router.post(
    "/rules/{int:rule_id}/what-if",
    response=WhatIfOut,
    summary="Say what a rule would do, and would have done; nothing is written",
    operation_id="rule_what_if",
)
def rule_what_if(request: HttpRequest, rule_id: int, weeks: Annotated[int, Query(ge=1, le=26)] = 4) -> WhatIf:
    return services.what_if(rule=_rule(require(request, Role.VIEWER), rule_id), weeks=weeks)


def _switch(request: HttpRequest, rule_id: int, *, active: bool) -> Rule:
    caller = require(request, Role.OWNER)
    return services.rule_switch(rule=_rule(caller, rule_id), active=active, operator=caller.operator)


def _rule(caller: Caller, rule_id: int) -> Rule:
    return found(selectors.rule_get(organisation=caller.organisation, rule_id=rule_id), "rule", rule_id)


def _fields(data: RuleIn | RulePatch) -> dict[str, Any]:
    fields = data.model_dump(exclude_unset=True)
    if "scope" in fields:
        fields["scope"] = {name: value for name, value in fields["scope"].items() if value}
    return fields
