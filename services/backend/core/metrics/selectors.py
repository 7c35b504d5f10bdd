"""Reads: the runs that have not ended."""

from collections.abc import Iterable

from django.db.models import Count

from core.runs.models import Run


def open_runs() -> Iterable[tuple[str, str, int]]:
    """Return queue, state and number."""
    runs = Run.objects.filter(finished_at__isnull=True).order_by()
    return runs.values_list("queue", "state").annotate(runs=Count("id"))
