"""Reads: dead letters, counts, and what waits for a setting."""

from datetime import datetime

from django.db.models import Min, Q, QuerySet

from core.clock import database_now
from core.effects.channels import CHANNELS
from core.effects.enums import EffectState
from core.effects.models import Effect
from core.organisations.models import Organisation

# Counting stops here: a metric must not cost more on the day that there is most to count.
COUNT_LIMIT = 10_000


def effect_list(*, organisation: Organisation | None = None) -> QuerySet[Effect]:
    """Return the organisation's effects, the newest first; without one, the whole installation's."""
    effects = Effect.objects.select_related("organisation")
    return effects.filter(organisation=organisation) if organisation else effects


def effects_seen(*, organisation: Organisation | None, installation: bool = False) -> QuerySet[Effect]:
    """Return the organisation's effects; with `installation` also those that belong to none."""
    mine = Q(organisation=organisation) if organisation else Q(pk__in=[])
    rows = Effect.objects.filter(mine | Q(organisation__isnull=True) if installation else mine)
    return rows.select_related("organisation")


def effects_dead(organisation: Organisation | None = None) -> QuerySet[Effect]:
    return effect_list(organisation=organisation).filter(state=EffectState.DEAD)


def effects_counts() -> dict[str, int]:
    """Return how many there are in each state, none counted further than COUNT_LIMIT."""
    return {state: Effect.objects.filter(state=state).order_by()[:COUNT_LIMIT].count() for state in EffectState.values}


def effects_oldest_due() -> datetime | None:
    """Return since when the outbox owes something: due, not sent; None when it owes nothing."""
    pending = Effect.objects.filter(state=EffectState.PENDING, channel__in=CHANNELS, not_before__lte=database_now())
    oldest: datetime | None = pending.aggregate(oldest=Min("not_before"))["oldest"]
    return oldest


def effects_blocked() -> dict[str, tuple[str, int]]:
    """Return the channels that hold effects and cannot send: what the installation lacks, and how many wait."""
    pending = Effect.objects.filter(state=EffectState.PENDING).order_by()
    waiting = {name: pending.filter(channel=name)[:COUNT_LIMIT].count() for name in CHANNELS}
    return {name: (why, waiting[name]) for name, way in CHANNELS.items() if waiting[name] and (why := way.missing())}
