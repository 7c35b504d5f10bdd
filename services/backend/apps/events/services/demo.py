"""The demonstration's events: over, going on and ahead, as the clock stands."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from apps.events.enums import Status
from apps.events.models import Event
from core.clock import database_now
from core.demo.services import HARBOUR, LIBRARY, DemoOrganisation, demo_organisation


@dataclass(frozen=True)
class DemoEvent:
    organisation: DemoOrganisation
    slug: str
    title: str
    begins: timedelta
    """From now; events that are over lie behind it."""
    lasts: timedelta
    all_day: bool = False


EVENTS = (
    DemoEvent(HARBOUR, "cheese-tasting", "Tasting of the new cheeses", timedelta(hours=-3), timedelta(hours=2)),
    DemoEvent(HARBOUR, "stocktaking", "Stocktaking in the cold store", timedelta(hours=-1), timedelta(hours=4)),
    DemoEvent(HARBOUR, "summer-party", "Summer party on the quay", timedelta(days=20), timedelta(hours=6)),
    DemoEvent(LIBRARY, "book-fair", "Second-hand book fair", timedelta(days=-3), timedelta(days=1), all_day=True),
    DemoEvent(LIBRARY, "reading-night", "Reading night", timedelta(days=5), timedelta(hours=3)),
)


@transaction.atomic
def events_seed(reset: bool) -> str:
    """Add what is missing; `reset` moves the events that exist to where the demonstration begins."""
    if added := sum(_seed(demo, reset) for demo in EVENTS):
        return f"Added {added} events."
    return "Put the demo's events back." if reset else "The demo's events are all there; --reset puts them back."


def _seed(demo: DemoEvent, reset: bool) -> bool:
    begins, organisation = database_now() + demo.begins, demo_organisation(demo.organisation)
    times = {"starts_at": begins, "end_date": begins + demo.lasts, "all_day": demo.all_day}
    fields = times | {"title": demo.title, "tz": demo.organisation.tz, "is_public": True}
    event, is_new = Event.objects.get_or_create(organisation=organisation, slug=demo.slug, defaults=fields)
    if is_new or reset:
        # As they stood before the worker looked: confirmed, whatever the time has made of them since.
        Event.objects.filter(pk=event.pk).update(**times, status=Status.CONFIRMED, archived_at=None)
    return is_new
