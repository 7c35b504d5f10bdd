"""Reads: events of an organisation, and those that the public may see. What an event is comes with each."""

from datetime import datetime

from django.db.models import Q

from apps.events.enums import Status
from apps.events.models import Event, EventQuerySet, Registration
from core.organisations.models import Organisation

# What a calendar keeps: an organisation's events of that many, those that begin first.
FEED = 1000


def event_list(*, organisation: Organisation, now: datetime) -> EventQuerySet:
    """Return the organisation's events with what `next_action` needs in the same query."""
    return Event.objects.filter(organisation=organisation).with_effective_status(now).select_related("organisation")


def event_get(*, organisation: Organisation, event_id: int, now: datetime) -> Event | None:
    return event_list(organisation=organisation, now=now).filter(pk=event_id).first()


def event_page(rows: EventQuerySet, *, after: tuple[datetime, int] | None, limit: int, newest: bool) -> list[Event]:
    """Return what follows the place, in the order of the index: by start, and by id where two start together."""
    way, order = ("lt", ("-starts_at", "-id")) if newest else ("gt", ("starts_at", "id"))
    if after is not None:
        moment, key = after
        # Once for the index, and once to the point.
        rows = rows.filter(
            Q(**{f"starts_at__{way}e": moment}),
            Q(**{f"starts_at__{way}": moment}) | Q(**{"starts_at": moment, f"id__{way}": key}),
        )
    return list(rows.order_by(*order)[:limit])


def registration_list(*, event: Event) -> list[Registration]:
    return list(event.registrations.select_related("user").order_by("id"))


def event_discover(*, now: datetime) -> EventQuerySet:
    """Return the public events that have not ended, of every organisation."""
    return Event.objects.discoverable(now).filter(organisation__is_active=True).select_related("organisation")


def public_list(*, slug: str, now: datetime) -> EventQuerySet:
    """Return what the organisation of this slug ever published as public, ended events too."""
    rows = Event.objects.filter(is_public=True, organisation__slug=slug, organisation__is_active=True)
    return rows.exclude(status=Status.DRAFT).with_effective_status(now).select_related("organisation")


def feed_list(*, organisation: Organisation, now: datetime) -> list[Event]:
    return list(public_list(slug=organisation.slug, now=now).filter(archived_at=None).order_by("starts_at")[:FEED])
