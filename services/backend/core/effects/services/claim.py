"""Take what is due: the claim is committed before anything leaves, so no transaction waits for a network."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from core.clock import database_now
from core.effects.channels.base import Channel
from core.effects.enums import EffectState
from core.effects.models import Effect
from core.effects.quiet import after_quiet_hours
from core.effects.services.operate import STALE_AFTER

# Small: what a worker that dies had claimed waits for STALE_AFTER.
BATCH = 10
DIED = "The worker ended while it was sending this, at each attempt."


def effects_claim(channel: Channel) -> list[Effect]:
    """Claim the channel's next due effects, the longest due first; empty: nothing is due."""
    while rows := _take(channel):
        if claimed := [row for row in rows if row.claimed_at]:
            return claimed
    return []


@transaction.atomic(durable=True)
def _take(channel: Channel) -> list[Effect]:
    """Claim what may leave, move on what waits for the morning, give up what ended its worker each time."""
    now = database_now()
    rows = list(_due(channel, now))
    for row in rows:
        _mark(row, channel, now)
    # The states and times differ from row to row, and a batch is small.
    Effect.objects.bulk_update(rows, ["state", "not_before", "attempts", "claimed_at", "error"])
    return rows


def _due(channel: Channel, now: datetime) -> QuerySet[Effect]:
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - STALE_AFTER)
    due = Effect.objects.filter(free, channel=channel.name, state=EffectState.PENDING, not_before__lte=now)
    locked = due.select_for_update(of=("self",), skip_locked=True).select_related("organisation")
    # The index's order, or PostgreSQL sorts the whole backlog for each batch.
    return locked.order_by("not_before", "id")[:BATCH]


def _mark(row: Effect, channel: Channel, now: datetime) -> None:
    if row.attempts >= row.max_attempts:
        row.state, row.claimed_at, row.error = EffectState.DEAD, None, row.error or DIED
        return
    if channel.is_quiet_at_night and not row.urgent:
        row.not_before = after_quiet_hours(now, row.organisation)
    if row.not_before > now:
        row.claimed_at = None
        return
    # Counted before it leaves: what kills its worker must not be tried for ever.
    row.claimed_at, row.attempts = now, row.attempts + 1


def effects_release(effects: list[Effect]) -> None:
    """Give back what was claimed and not tried."""
    mine = Effect.objects.filter(id__in=[effect.id for effect in effects], state=EffectState.PENDING)
    mine.filter(claimed_at__in={effect.claimed_at for effect in effects}).update(
        claimed_at=None, attempts=F("attempts") - 1
    )
