"""Forget what has left long ago, in batches."""

from datetime import timedelta

from django.conf import settings

from core.clock import database_now
from core.effects.enums import EffectState
from core.effects.models import Effect

BATCH = 1000


def effects_forget() -> int:
    """Delete what was sent or dropped RUN_RETENTION_DAYS ago, and what died RUN_FAILED_RETENTION_DAYS ago."""
    well, badly = settings.RUN_RETENTION_DAYS, settings.RUN_FAILED_RETENTION_DAYS
    kept_days = {EffectState.SENT: well, EffectState.DROPPED: well, EffectState.DEAD: badly}
    return sum(_forget(state, days) for state, days in kept_days.items())


def _forget(state: EffectState, days: int) -> int:
    before = database_now() - timedelta(days=days)
    # Both: what was asked for long ago may have left only now.
    old = Effect.objects.filter(state=state, created_at__lt=before, not_before__lt=before).order_by("created_at")
    total = 0
    while ids := list(old.values_list("id", flat=True)[:BATCH]):
        total += Effect.objects.filter(id__in=ids).delete()[0]
    return total
