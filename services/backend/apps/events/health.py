"""Stored is what is derived: what everybody is shown is right without a worker, but somebody must write it down."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import F, Q

from apps.events.enums import END_SCHEDULE
from apps.events.models import Event
from core.health.findings import Finding, Group, Level, clock, counted, runbook

# Three slots of the schedule: one may be late, one may fail.
BEHIND_AFTER = timedelta(minutes=15)
MOST = 1000


def look(now: datetime) -> Iterator[Finding]:
    late = Event.objects.with_effective_status(now - BEHIND_AFTER).next_due()
    # One that was over when somebody entered it, or took it back, is for the next run.
    waiting = late.filter(transition_at__lt=now - BEHIND_AFTER, updated_at__lt=now - BEHIND_AFTER)
    behind = waiting.exclude(Q(effective_status=F("status")))
    times = [at for at in behind.values_list("transition_at", flat=True)[:MOST] if at]
    if times:
        many = "at least " if len(times) == MOST else ""
        sentence = (
            f"The status of {many}{counted(len(times), 'event')} lags behind the clock since {clock(times[0])}:"
            f" {END_SCHEDULE} has not written it down. Lists, pages and feeds show the right one all the same."
        )
        yield Finding(Level.WARNING, Group.RUNS, "events", sentence, runbook("events-behind"), times[0])


LOOKS = (look,)
