"""Dead letters: what nothing will try again by itself."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from ninja.errors import HttpError

from core.cursors import page_of
from core.effects.enums import EffectState
from core.effects.models import Effect
from core.effects.selectors import effects_seen
from core.effects.services.operate import effect_drop, effect_replay, effects_replay
from core.inputs import Limit
from core.organisations.enums import Role
from core.runs.api.accepted import FOLLOWED, IdempotencyKey
from core.runs.api.callers import caller_of, needs
from core.runs.api.cursors import RunCursor
from core.runs.api.effects import EffectFilter, EffectOut, EffectPage, EffectsReplayed
from core.runs.api.operating import retry
from core.runs.api.reading import page
from core.runs.api.schemas import LetterFilter, Replayed, RunDetail, RunPage
from core.runs.models import Run
from core.runs.selectors import dead_letter_list
from core.runs.services.replay import OtherRequestError, runs_replay

router = Router(tags=["dead letters"])


@router.get(
    "/dead-letters",
    response=RunPage,
    summary="List the runs that nothing will try again by itself",
    operation_id="dead_letter_list",
)
def dead_letters(request: HttpRequest, cursor: RunCursor | None = None, limit: Limit = 50) -> dict[str, Any]:
    """FAILED, LOST or EXPIRED, and not replayed yet."""
    return page(dead_letter_list(caller_of(request).runs), cursor, limit)


@router.post(
    "/dead-letters/{uuid:run_id}/replay",
    response={202: RunDetail},
    openapi_extra=FOLLOWED,
    summary="Replay a run: the same as to retry it",
    operation_id="dead_letter_replay",
)
def replay(
    request: HttpRequest, response: HttpResponse, run_id: UUID, idempotency_key: IdempotencyKey = None
) -> Status[Run]:
    return retry(request, response, run_id, idempotency_key)


@router.post(
    "/dead-letters/replay",
    response={202: Replayed},
    summary="Replay the dead letters that match, those that died first",
    operation_id="dead_letter_replay_many",
)
def replay_many(
    request: HttpRequest, data: LetterFilter, idempotency_key: IdempotencyKey = None
) -> Status[dict[str, Any]]:
    """Of your organisation; for staff who are in none: of the installation. At most `limit`: ask again for the rest."""
    caller = caller_of(request)
    needs(caller.role or Role.OWNER, Role.AGENT)
    letters = data.of(dead_letter_list(caller.runs))
    wanted = data.model_dump(mode="json")
    try:
        made = runs_replay(
            letters=letters, operator=caller.operator, wanted=wanted, limit=data.limit, key=idempotency_key
        )
    except OtherRequestError as error:
        raise HttpError(422, str(error)) from None
    return Status(202, {"items": made, "more": letters.filter(organisation=caller.organisation).exists()})


@router.get(
    "/dead-letters/effects",
    response=EffectPage,
    summary="List the mails and calls that could not be sent",
    operation_id="dead_effect_list",
)
def dead_effects(request: HttpRequest, cursor: int | None = None, limit: Limit = 50) -> dict[str, Any]:
    rows = _effects(request).filter(state=EffectState.DEAD).order_by("-id")
    found, last = page_of(list((rows if cursor is None else rows.filter(id__lt=cursor))[: limit + 1]), limit)
    return {"items": found, "next_cursor": last and last.pk}


@router.post(
    "/dead-letters/effects/replay",
    response=EffectsReplayed,
    summary="Send the dead mails and calls that match again, now",
    operation_id="effect_replay_many",
)
def effects_replayed(request: HttpRequest, data: EffectFilter) -> dict[str, Any]:
    """Of your organisation; for staff who are in none: of the installation. What was replayed is dead no more."""
    caller = caller_of(request)
    needs(caller.role or Role.OWNER, Role.AGENT)
    letters = data.of(_effects(request).filter(state=EffectState.DEAD, organisation=caller.organisation))
    items = effects_replay(effects=letters, operator=caller.operator, limit=data.limit)
    return {"items": items, "more": letters.exists()}


@router.post(
    "/dead-letters/effects/{int:effect_id}/replay",
    response=EffectOut,
    summary="Send a dead mail or call again, now",
    operation_id="effect_replay",
)
def effect_replayed(request: HttpRequest, effect_id: int) -> Effect:
    return effect_replay(effect=_effect(request, effect_id, Role.AGENT), operator=caller_of(request).operator)


@router.post(
    "/dead-letters/effects/{int:effect_id}/drop",
    response=EffectOut,
    summary="Keep a mail or call from leaving, for good",
    operation_id="effect_drop",
)
def effect_dropped(request: HttpRequest, effect_id: int) -> Effect:
    return effect_drop(effect=_effect(request, effect_id, Role.OWNER), operator=caller_of(request).operator)


def _effects(request: HttpRequest) -> QuerySet[Effect]:
    caller = caller_of(request)
    return effects_seen(organisation=caller.organisation, installation=caller.is_staff)


def _effect(request: HttpRequest, effect_id: int, needed: Role) -> Effect:
    effect = _effects(request).filter(id=effect_id).first()
    if effect is None:
        raise HttpError(404, f"There is no effect with the id {effect_id} in your organisation.")
    needs(caller_of(request).role_for(effect), needed)
    return effect
