"""Make, edit, publish, cancel and delete events by hand."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from django.utils.text import slugify

from apps.events.enums import OPEN, Kind, Status
from apps.events.models import Event
from apps.events.services.changes import event_lock, history_write, refusing
from apps.events.services.contacts import contacts_untell
from apps.events.services.reminders import reminders_renew
from core.audit.services import Operator, audit_write
from core.errors import RefusedError
from core.organisations.models import Organisation

TIMES = ("starts_at", "end_date", "tz", "all_day")
# What a reminder's mail says: one that waits says it anew.
TOLD = {"title", "place", "starts_at", "tz", "all_day"}
# Long texts are not copied into the history; that they changed is.
SUMMARISED = ("description",)


@transaction.atomic
def event_create(*, organisation: Organisation, by: Operator, **fields: Any) -> Event:
    """Make a draft; without a zone it gets the organisation's, without a slug one made of its title."""
    fields["tz"] = fields.get("tz") or organisation.tz
    fields["slug"] = fields.get("slug") or _free_slug(organisation, fields["title"])
    with refusing():
        event = Event.objects.create(organisation=organisation, **fields)
    history_write(event, Kind.CREATED, by, new=event.title)
    return event


@transaction.atomic
def event_edit(*, organisation: Organisation, event_id: int, by: Operator, **fields: Any) -> None:
    """Write the given fields that differ. Moved to later, an event that has ended is open again (the trigger's)."""
    event = event_lock(organisation=organisation, event_id=event_id)
    if event.archived_at:
        raise RefusedError(f"{event} is archived, and kept as it is: make a new event.")
    changes = {name: value for name, value in _same_days(event, fields).items() if getattr(event, name) != value}
    if changes:
        with refusing():
            Event.objects.filter(pk=event.pk).update(**changes, updated_at=TransactionNow())
        for name, value in changes.items():
            kind = Kind.MOVED if name in TIMES else Kind.EDITED
            old, new = ("", "changed") if name in SUMMARISED else (_word(getattr(event, name)), _word(value))
            history_write(event, kind, by, f"{name}: {old}", f"{name}: {new}")
        if changes.keys() & TOLD:
            reminders_renew(event=event)
        if event.completed_at and Event.objects.filter(pk=event.pk, completed_at=None).exists():
            contacts_untell([event])


def event_publish(*, organisation: Organisation, event_id: int, by: Operator) -> None:
    _switch(organisation, event_id, by, Kind.PUBLISHED, {Status.DRAFT, Status.CANCELLED})


@transaction.atomic
def event_cancel(*, organisation: Organisation, event_id: int, by: Operator) -> None:
    """Call it off: nobody is reminded, not by mail either that waits to leave, unless it is published again."""
    event = _switch(organisation, event_id, by, Kind.CANCELLED, set(OPEN))
    reminders_renew(event=event)


@transaction.atomic
def event_delete(*, organisation: Organisation, event_id: int, by: Operator) -> None:
    """Remove a draft. What was published has been seen, and stays with its history: cancel it instead."""
    event = event_lock(organisation=organisation, event_id=event_id)
    _require(event, {Status.DRAFT}, "deleted")
    audit_write(operator=by, verb="event.delete", subject=event, title=event.title)
    event.delete()


@transaction.atomic
def _switch(organisation: Organisation, event_id: int, by: Operator, kind: Kind, allowed: set[Status]) -> Event:
    event = event_lock(organisation=organisation, event_id=event_id)
    _require(event, allowed, kind.value)
    status = Status.CONFIRMED if kind == Kind.PUBLISHED else Status.CANCELLED
    Event.objects.filter(pk=event.pk).update(status=status, updated_at=TransactionNow())
    history_write(event, kind, by, event.effective_status, status)
    return event


def _require(event: Event, allowed: set[Status], verb: str) -> None:
    found = Status(event.effective_status)
    if found not in allowed:
        only = " or ".join(sorted(allowed))
        raise RefusedError(f"{event} is {found}: only an event that is {only} can be {verb}.")


def _same_days(event: Event, fields: dict[str, Any]) -> dict[str, Any]:
    """Keep the days of an all-day event whose zone changes, unless the caller gives others."""
    tz = fields.get("tz", event.tz)
    if tz == event.tz or not fields.get("all_day", event.all_day):
        return fields
    old, new = ZoneInfo(event.tz), ZoneInfo(tz)
    given = {"starts_at": event.starts_at, "end_date": event.end_date}
    kept = {name: value and value.astimezone(old).replace(tzinfo=new) for name, value in given.items()}
    return {**kept, **fields}


def _word(value: Any) -> str:
    return f"{value}" if value not in (None, "") else "none"


def _free_slug(organisation: Organisation, title: str) -> str:
    wanted = slugify(title)[:80] or "event"
    taken = set(Event.objects.filter(organisation=organisation, slug__startswith=wanted).values_list("slug", flat=True))
    return next(slug for slug in (wanted, *(f"{wanted}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)
