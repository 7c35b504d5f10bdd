"""Runs inside the stack (`manage.py shell`): whose things they are, what the schedule started, what the rows say."""

import json
import time

from django.contrib.auth.models import User

from apps.events.models import Event
from apps.pricing.models import Batch, PricePoint
from core.organisations.models import Organisation
from core.runs.enums import FINAL
from core.runs.models import Run


def begin(zone):
    User.objects.create_superuser("root", password="let-me-look")
    Organisation.objects.create(slug="acme", name="Acme", tz=zone)


def await_runs(slot, *names):
    """Wait until each task's run for the slot has ended; say of each how it ended, what started it, and when."""
    until = time.monotonic() + 150
    while True:
        runs = Run.objects.filter(slot=slot, name__in=names)
        if len(runs) == len(names) and all(run.state in FINAL for run in runs):
            return say({run.name: [run.state, run.trigger, run.started_at.isoformat()] for run in runs})
        assert time.monotonic() < until, f"{slot}: {[(run.name, run.state, run.error) for run in runs]}"
        time.sleep(0.2)


def stored():
    """Say what stands in the rows, whatever is shown of them."""
    points = PricePoint.objects.filter(reason="snapshot").order_by("at")
    say(
        {
            "events": {event.slug: event.status for event in Event.objects.all()},
            "archived": [event.slug for event in Event.objects.filter(archived_at__isnull=False)],
            "prices": [batch.price and str(batch.price) for batch in Batch.objects.all()],
            "snapshots": [[point.at.isoformat(), str(point.price)] for point in points],
        }
    )


def say(value):
    print(json.dumps(value))
