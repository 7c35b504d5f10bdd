"""Fairness: how many runs of one task an organisation may have in the queue and at work at once.

The others wait in their rows, so that what another organisation asks for stands directly behind the few that are in
the queue, not behind all of a batch.
"""

from django.db import connection
from django.db.models import F

from core.runs.models import Run

# Advisory locks have two keys here: which kind of lock, and a hash of what is locked.
TURNS_LOCK = 7_310_242


def has_turn(run: Run, limit: int) -> bool:
    """Tell whether the run may go into the queue now. In a transaction the answer holds until its end."""
    if limit == 0 or run.organisation_id is None:
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [TURNS_LOCK, _turnstile(run)])
    return sent(run.name, run.organisation_id) < limit


def sent(name: str, organisation_id: int) -> int:
    """Return how many of the organisation's open runs of the task are in the queue or at work."""
    runs = Run.objects.filter(name=name, organisation_id=organisation_id, finished_at__isnull=True)
    return runs.filter(published_at__isnull=False).count()


def next_waiting(name: str, organisation_id: int) -> Run | None:
    """Return the run of the task that has waited longest for its turn, locked, or None."""
    runs = Run.objects.filter(name=name, organisation_id=organisation_id, finished_at__isnull=True)
    waiting = runs.filter(published_at__isnull=True, not_before__isnull=True)
    return waiting.select_for_update(skip_locked=True).order_by(F("queued_at"), "id").first()


def _turnstile(run: Run) -> str:
    return f"{run.organisation_id}:{run.name}"
