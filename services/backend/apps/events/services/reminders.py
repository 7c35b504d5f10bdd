"""Remind those who are registered: a row per reminder, which moves with its event, and one mail per recipient.

The mail's dedupe key names event, offset and recipient: nobody gets it twice, however often the event is moved
afterwards, the reminder is made anew, or a worker dies half-way. Only a mail that was withdrawn gives its key free.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from string import Template
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from apps.events.enums import RegistrationState
from apps.events.lifecycle import REMINDER_DUE
from apps.events.models import Event, Registration, Reminder
from apps.events.services.changes import event_lock, refusing
from apps.events.services.mails import local_time, mails_ask
from core.effects.quiet import after_quiet_hours
from core.effects.services.enqueue import Draft, effects_withdraw
from core.errors import NotFoundError
from core.organisations.models import Organisation
from core.sweep.declaration import Failure, Sweep
from core.sweep.services.run import sweep_run

logger = logging.getLogger("deskbeat.events")

# However many come, so many are read and written at once.
PAGE = 1000
TEXT = "Hello,\n\n$title begins on $start.\n$place\n\nYou get this mail because you are registered."


@transaction.atomic
def reminder_add(*, organisation: Organisation, event_id: int, offset: timedelta, template: str = "") -> Reminder:
    event = event_lock(organisation=organisation, event_id=event_id)
    with refusing():
        made = Reminder.objects.create(event=event, offset=offset, template=template)
    return Reminder.objects.get(pk=made.pk)


@transaction.atomic
def reminder_remove(*, organisation: Organisation, event_id: int, reminder_id: int) -> None:
    event = event_lock(organisation=organisation, event_id=event_id)
    removed, _ = Reminder.objects.filter(event=event, pk=reminder_id).delete()
    if not removed:
        raise NotFoundError(f"There is no reminder with the id {reminder_id} of {event}.")


def reminder_mails(ids: Sequence[int], now: datetime) -> Iterator[Failure]:
    """Ask for the mails of the reminders, and yield the recipients to whom none can be sent."""
    reminders = Reminder.objects.in_bulk(ids)
    of_these = Event.objects.with_effective_status(now).select_related("organisation")
    events = of_these.in_bulk({reminder.event_id for reminder in reminders.values()})
    for reminder in (reminders[key] for key in ids):
        yield from _mails(events[reminder.event_id], reminder, now)


def _mails(event: Event, reminder: Reminder, now: datetime) -> Iterator[Failure]:
    letter = letter_for(event, reminder.template)
    # Quiet hours put it off until the morning, but not until it is too late.
    urgent = after_quiet_hours(now, event.organisation) > event.begins
    for page in _pages(Registration.objects.filter(event=event, state=RegistrationState.REGISTERED)):
        wanted = []
        for row in page:
            key, payload = dedupe_key(event.pk, reminder.offset, row.email), {"to": [row.email], **letter}
            draft = Draft("mail", payload, key, event.organisation, urgent=urgent)
            wanted.append((f"events.registration:{row.pk}", draft))
        yield from mails_ask(wanted)


def _pages(registrations: QuerySet[Registration]) -> Iterator[list[Registration]]:
    after = 0
    while page := list(registrations.filter(id__gt=after).order_by("id")[:PAGE]):
        yield page
        after = page[-1].pk


def dedupe_key(event_id: int, offset: timedelta, email: str) -> str:
    """Name the mail. A digest of the address, which may be longer than a key and in any script."""
    recipient = sha256(email.lower().encode()).hexdigest()[:32]
    return f"events.reminder:{event_id}:{offset.total_seconds():.0f}:{recipient}"


def letter_for(event: Event, template: str) -> dict[str, Any]:
    """Write subject and text; raises ValueError for a template that names what there is not."""
    start = local_time(event, event.begins)
    words = {"title": event.title, "start": start, "place": event.place}
    try:
        text = Template(template or TEXT).substitute(words)
    except KeyError as unknown:
        raise ValueError(f"The template names ${unknown.args[0]}: it may name ${', $'.join(words)}.") from None
    return {"subject": f"{event.title}: {start}", "text": text}


def reminders_renew(*, event: Event) -> None:
    """Take back the mails that nobody has begun to send; a reminder that loses one is due again by what holds now.

    The run then asks for these mails anew, not for those that are sent: their dedupe keys are taken.
    """
    # All of them are locked: one that a run is sending at this moment is waited for, and found sent.
    for reminder in event.reminders.select_for_update():
        if reminder.sent_at and _withdraw(reminder, event.registrations.all()):
            Reminder.objects.filter(pk=reminder.pk).update(sent_at=None)


def reminders_spare(*, registration: Registration) -> None:
    """Keep what waits for this recipient from leaving."""
    for reminder in registration.event.reminders.filter(sent_at__isnull=False):
        _withdraw(reminder, Registration.objects.filter(pk=registration.pk))


def _withdraw(reminder: Reminder, registrations: QuerySet[Registration]) -> int:
    event_id, offset, pages = reminder.event_id, reminder.offset, _pages(registrations)
    return sum(effects_withdraw([dedupe_key(event_id, offset, row.email) for row in page]) for page in pages)


REMIND = Sweep(
    due=REMINDER_DUE,
    change="sent_at = %(now)s, due_at = NULL",
    writes=(),
    then=reminder_mails,
    # Each may have thousands of recipients.
    batch_rows=20,
    noun="Reminder",
    done="sent",
)


def reminders_send(*, now: datetime | None = None, failed_of: str | None = None) -> int:
    """Ask for the mails of the reminders that are due at `now`, and return how many reminders that were."""
    done = sweep_run(sweep=REMIND, now=now, failed_of=failed_of)
    logger.info("Sent %s reminders", done.changed, extra={"fields": {"failed": done.failed}})
    return done.changed
