"""Take an event for a change, write its history, and say a constraint's no in a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DataError, IntegrityError, transaction

from apps.events.enums import Kind
from apps.events.models import Event, EventHistory
from core.audit.services import Operator
from core.clock import database_now
from core.errors import NotFoundError, RefusedError
from core.organisations.models import Organisation

REFUSALS = {
    "one_event_per_slug": "There is already an event with this slug: choose another.",
    "event_ends_after_it_starts": "An event ends after it starts: give it a later end, or an earlier start.",
    "event_is_of_our_time": "An event lies between the years 1900 and 2999.",
    "one_reminder_per_offset": "There is already a reminder so long before the event: change that one.",
}


def event_lock(*, organisation: Organisation, event_id: int) -> Event:
    """Lock an event of the organisation and read what it is by now."""
    events = Event.objects.with_effective_status(database_now()).select_related("organisation")
    event = events.select_for_update(of=("self",)).filter(organisation=organisation, pk=event_id).first()
    if event is None:
        raise NotFoundError(f"There is no event with the id {event_id} in your organisation.")
    return event


def history_write(event: Event, kind: Kind, by: Operator, old: str = "", new: str = "") -> None:
    """Record a change at the transaction's time: call it in the transaction that makes it."""
    EventHistory.objects.create(event=event, kind=kind, old=old, new=new, actor=by.user, actor_name=by.name)


@contextmanager
def refusing() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        sentence = REFUSALS.get(getattr(error.__cause__, "diag").constraint_name)  # noqa: B009  # psycopg's
        if sentence is None:
            raise
        raise RefusedError(sentence) from None
    except DataError as error:
        # The one value that our own checks let through: a zone that Python knows and PostgreSQL does not.
        raise RefusedError(f"PostgreSQL refuses a value: {str(error).partition(chr(10))[0]}.") from None
