"""Public events as iCalendar (RFC 5545). Only the web loads this, and the library behind it."""

from collections.abc import Iterable
from datetime import timedelta
from zoneinfo import ZoneInfo

import icalendar

from apps.events.enums import Status
from apps.events.models import Event
from core.organisations.models import Organisation


def calendar(organisation: Organisation, events: Iterable[Event]) -> bytes:
    """Write the same bytes for the same events: who subscribes is told when nothing has changed."""
    feed = icalendar.Calendar()
    feed.add("prodid", "-//Deskbeat//Events//EN")
    feed.add("version", "2.0")
    feed.add("x-wr-calname", organisation.name)
    for event in events:
        feed.add_component(_entry(event))
    written: bytes = feed.to_ical()
    return written


def _entry(event: Event) -> icalendar.Event:
    entry = icalendar.Event()
    # The time beside the number, so that no two installations' events are one.
    entry.add("uid", f"{event.pk}-{event.created_at:%Y%m%dT%H%M%S%f}@deskbeat")
    entry.add("summary", event.title)
    entry.add("sequence", event.sequence)
    for name in ("dtstamp", "last-modified"):
        entry.add(name, event.updated_at)
    entry.add("created", event.created_at)
    entry.add("status", "CANCELLED" if event.effective_status == Status.CANCELLED else "CONFIRMED")
    _add_times(entry, event)
    for name, value in (("description", event.description), ("location", event.place)):
        if value:
            entry.add(name, value)
    return entry


def _add_times(entry: icalendar.Event, event: Event) -> None:
    """Days as dates, of which DTEND is the first that is free again; times in UTC, which needs no VTIMEZONE."""
    if not event.all_day:
        entry.add("dtstart", event.starts_at)
        if event.end_date:
            entry.add("dtend", event.end_date)
        return
    zone = ZoneInfo(event.tz)
    entry.add("dtstart", event.starts_at.astimezone(zone).date())
    if event.end_date:
        entry.add("dtend", event.end_date.astimezone(zone).date() + timedelta(days=1))
