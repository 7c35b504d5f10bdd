"""What an operator may do to an effect: replay, drop. Each leaves a row in the audit."""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from core.audit.services import Operator, audit_write
from core.clock import database_now
from core.effects.enums import DROPPABLE, REPLAYABLE, EffectState
from core.effects.errors import EffectRefusedError
from core.effects.models import Effect
from core.effects.services.enqueue import deliver_after_commit

# A worker ends a batch long before (`CLAIM_SECONDS`, and the longest time-out of a channel): what is older died.
STALE_AFTER = timedelta(minutes=10)


@transaction.atomic
def effect_replay(*, effect: Effect, operator: Operator) -> Effect:
    """Send a dead effect again, now, with all the attempts that its policy grants."""
    effect = _locked(effect, REPLAYABLE, "replayed")
    audit_write(operator=operator, verb="effect.replay", subject=effect, error=effect.error)
    effect.state, effect.attempts, effect.not_before = EffectState.PENDING, 0, database_now()
    effect.save(update_fields=["state", "attempts", "not_before"])
    deliver_after_commit()
    return effect


@transaction.atomic
def effects_replay(*, effects: QuerySet[Effect], operator: Operator, limit: int) -> list[Effect]:
    """Send the dead ones among them again, those asked for first; what another request replays now is left to that."""
    dead = effects.filter(state__in=REPLAYABLE).select_related(None).order_by("created_at", "id")
    rows = list(dead.select_for_update(of=("self",), skip_locked=True)[:limit])
    return [effect_replay(effect=row, operator=operator) for row in rows]


@transaction.atomic
def effect_drop(*, effect: Effect, operator: Operator) -> Effect:
    """Keep an effect from leaving, for good."""
    effect = _locked(effect, DROPPABLE, "dropped")
    if effect.claimed_at and effect.claimed_at > database_now() - STALE_AFTER:
        raise EffectRefusedError("This effect is being sent at this moment: look again in a minute.")
    audit_write(operator=operator, verb="effect.drop", subject=effect, state=effect.state)
    effect.state = EffectState.DROPPED
    effect.save(update_fields=["state"])
    return effect


def _locked(effect: Effect, states: Collection[EffectState], verb: str) -> Effect:
    effect = Effect.objects.select_for_update(of=("self",)).select_related("organisation").get(id=effect.id)
    if effect.state not in states:
        raise EffectRefusedError(f"This effect is {effect.state}: only {' or '.join(sorted(states))} is {verb}.")
    return effect
