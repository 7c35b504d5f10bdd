"""Reads: which runs somebody may see, and the lists that people ask for."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from core.organisations.models import Organisation
from core.runs.enums import State
from core.runs.models import Run, RunItem

# Ended without its work done, and nothing will try it again by itself.
DEAD = (State.FAILED, State.LOST, State.EXPIRED)


def run_list(*, organisation: Organisation | None, installation: bool = False) -> QuerySet[Run]:
    """Return the organisation's runs, newest first; with `installation` also those that belong to none."""
    mine = Q(organisation=organisation) if organisation else Q(pk__in=[])
    rows = Run.objects.filter(mine | Q(organisation__isnull=True) if installation else mine)
    return rows.select_related("organisation", "schedule")


def run_before(rows: QuerySet[Run], queued_at: datetime, run_id: UUID) -> QuerySet[Run]:
    """Return what stands below this place in the list, whatever was added above it meanwhile."""
    return rows.filter(Q(queued_at__lt=queued_at) | Q(queued_at=queued_at, id__lt=run_id), queued_at__lte=queued_at)


def dead_letter_list(rows: QuerySet[Run]) -> QuerySet[Run]:
    """Return the runs that nothing will try again by itself, and that nobody has replayed."""
    return rows.filter(state__in=DEAD, finished_at__isnull=False, retries__isnull=True)


def item_list(run: Run) -> QuerySet[RunItem]:
    return RunItem.objects.filter(run=run).order_by("id")
