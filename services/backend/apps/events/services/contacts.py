"""Tell an event's contact that it has ended: once for each time at which it ends.

The mail's dedupe key names event and `sequence`, which grows with each change of its times: a run that is repeated asks
for the same mail, and an event that was moved and ends again for another one.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from apps.events.models import Event
from apps.events.services.mails import local_time, mails_ask
from core.effects.services.enqueue import Draft, effects_withdraw
from core.sweep.declaration import Failure

TEXT = "Hello,\n\n{title} ended on {end}.\n{place}\n\nYou get this mail because you are named as its contact."


def contacts_tell(ids: Sequence[int], now: datetime) -> Iterator[Failure]:
    """Ask for the mails, and yield the contacts to whom none can be sent."""
    ended = Event.objects.filter(pk__in=ids).select_related("organisation").order_by("pk")
    return mails_ask((f"events.contact:{event.pk}", _draft(event)) for event in ended)


def contacts_untell(events: Iterable[Event]) -> None:
    """They have not ended after all: what nobody has begun to send does not leave."""
    effects_withdraw([_dedupe_key(event) for event in events])


def _draft(event: Event) -> Draft:
    assert event.end_date  # noqa: S101  # or it would not have ended
    text = TEXT.format(title=event.title, end=local_time(event, event.end_date), place=event.place)
    payload = {"to": [event.contact], "subject": f"{event.title} has ended", "text": text}
    return Draft("mail", payload, _dedupe_key(event), event.organisation)


def _dedupe_key(event: Event) -> str:
    return f"events.ended:{event.pk}:{event.sequence}"
