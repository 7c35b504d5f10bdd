"""What the overview says of schedules: what runs next."""

from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from core.overview.cards import Card, CardSource, Line
from core.schedules.selectors import next_run_list

LINES = 5


def next_runs(now: datetime) -> Card:
    runs, where = next_run_list(now=now), reverse("admin:django_celery_beat_periodictask_changelist")
    if not runs:
        words = "No schedule is enabled, so nothing runs by itself."
        hint = (
            "Enable one on its page."
            if PeriodicTask.objects.exists()
            else 'None is on record: make manage CMD="sync_schedules" writes those that the apps declare.'
        )
        return Card("Next runs", "none", f"{words} {hint}", where, "warning")
    lines = [
        Line(run.key, f"{where}?{urlencode({'q': run.key})}", f"{run.at:%Y-%m-%d %H:%M} UTC") for run in runs[:LINES]
    ]
    return Card("Next runs", str(len(runs)), "Schedules that are enabled, the next to run first.", where, "", lines)


CARDS = (CardSource(40, "django_celery_beat.view_periodictask", next_runs),)
