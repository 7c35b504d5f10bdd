"""Effects: what should have left the product and did not."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Min

from core.effects.enums import EffectState
from core.effects.models import Effect
from core.effects.selectors import effects_blocked
from core.health.findings import Finding, Group, Level, clock, counted, runbook

# Beat looks at the outbox every few seconds; a retry moves the due time on.
SLOW_AFTER = timedelta(minutes=10)


def look(now: datetime) -> Iterator[Finding]:
    yield from _dead()
    blocked = effects_blocked()
    for channel, (why, waiting) in blocked.items():
        sentence = f"{counted(waiting, 'effect')} of {channel} cannot leave: {why}"
        yield Finding(Level.ERROR, Group.EFFECTS, channel, sentence, runbook("effect-waits"))
    yield from _slow(now, list(blocked))


def _dead() -> Iterator[Finding]:
    dead = Effect.objects.filter(state=EffectState.DEAD).order_by().values("channel")
    for row in dead.annotate(effects=Count("id"), first=Min("created_at")):
        sentence = (
            f"{counted(row['effects'], 'effect')} of {row['channel']} dead, the first asked for at"
            f" {clock(row['first'])}: no attempt is left; replay or drop them."
        )
        yield Finding(Level.ERROR, Group.EFFECTS, row["channel"], sentence, runbook("effect-dead"), row["first"])


def _slow(now: datetime, blocked: list[str]) -> Iterator[Finding]:
    overdue = Effect.objects.filter(state=EffectState.PENDING, not_before__lt=now - SLOW_AFTER)
    rows = overdue.exclude(channel__in=blocked).order_by().values("channel")
    for row in rows.annotate(effects=Count("id"), first=Min("not_before")):
        sentence = (
            f"{counted(row['effects'], 'effect')} of {row['channel']} due since {clock(row['first'])}, and not sent."
        )
        yield Finding(Level.WARNING, Group.EFFECTS, row["channel"], sentence, runbook("effect-waits"), row["first"])
