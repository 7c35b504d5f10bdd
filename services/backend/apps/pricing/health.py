"""Stored is what is derived: everybody is told the right price without a worker, but somebody must put it on record."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from apps.pricing.enums import RECOMPUTE_SCHEDULE, WINDOW_DAYS
from apps.pricing.models import Batch
from core.health.findings import Finding, Group, Level, clock, counted, runbook

# Three slots of the schedule: one may be late, one may fail.
BEHIND_AFTER = timedelta(hours=3)
MOST = 1000


def look(now: datetime) -> Iterator[Finding]:
    late = Batch.objects.on_the_shelf(now, WINDOW_DAYS).filter(reprice_at__lt=now - BEHIND_AFTER)
    times = [at for at in late.order_by("reprice_at", "id").values_list("reprice_at", flat=True)[:MOST] if at]
    if times:
        many = "at least " if len(times) == MOST else ""
        sentence = (
            f"{many.capitalize()}{counted(len(times), 'price')} to be put on record since {clock(times[0])}:"
            f" {RECOMPUTE_SCHEDULE} has not done it. Whoever asks is told the right one all the same."
        )
        yield Finding(Level.WARNING, Group.RUNS, "prices", sentence, runbook("prices-behind"), times[0])


LOOKS = (look,)
