"""What the overview says of events: which begin or end next."""

from datetime import datetime

from django.urls import reverse
from django.utils.formats import localize

from apps.events.foresight import foretell
from apps.events.models import Event
from core.overview.cards import COUNTED, Card, CardSource, Line, counted

LINES = 5


def moving_on(now: datetime) -> Card:
    """Count the hints, in the order of their index; the rule itself speaks for those shown."""
    ids = list(Event.objects.next_due().values_list("pk", flat=True)[: COUNTED + 1])
    first = Event.objects.with_effective_status(now).in_bulk(ids[:LINES])
    events = foretell([first[key] for key in ids[:LINES] if key in first])
    words = "These begin or end by themselves, the next first." if ids else "No published event is to come."
    where = reverse("admin:events_event_changelist")
    return Card("Events", counted(ids), words, where, "", [_line(event) for event in events])


def _line(event: Event) -> Line:
    foretold = getattr(event, "next_action")  # noqa: B009  # written by `foretell`
    when = f"{foretold.what} {localize(foretold.at)}" if foretold.at else foretold.why
    return Line(str(event), reverse("admin:events_event_change", args=[event.pk]), when)


CARDS = (CardSource(51, "events.view_event", moving_on),)
