"""Forget old runs, in batches: the successful sooner than the others."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q

from core.clock import database_now
from core.runs.enums import State
from core.runs.models import Run

BATCH = 1000
WENT_WELL = (State.SUCCEEDED, State.SKIPPED, State.CANCELLED)


def runs_forget() -> int:
    """Delete what ended longer ago than RUN_RETENTION_DAYS (else RUN_FAILED_RETENTION_DAYS), and return how many."""
    now = database_now()
    well = Q(state__in=WENT_WELL, finished_at__lt=now - timedelta(days=settings.RUN_RETENTION_DAYS))
    badly = Q(finished_at__lt=now - timedelta(days=settings.RUN_FAILED_RETENTION_DAYS))
    # An index's order: the oldest first, so that a batch never walks over what it leaves.
    old = Run.objects.filter(well | (badly & ~Q(state__in=WENT_WELL)))
    total = 0
    while ids := list(old.order_by("finished_at", "id").values_list("id", flat=True)[:BATCH]):
        total += Run.objects.filter(id__in=ids).delete()[1].get("runs.Run", 0)
    return total
