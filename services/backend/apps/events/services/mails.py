"""What the events' mails share: how a time is said, and that one that cannot be sent holds up no other."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from apps.events.models import Event
from core.effects.channels import channel
from core.effects.services.enqueue import Draft, effects_enqueue
from core.sweep.declaration import Failure


def local_time(event: Event, moment: datetime) -> str:
    """Say it by the event's own clock; an all-day event knows days alone."""
    local = moment.astimezone(ZoneInfo(event.tz))
    return f"{local:%A %d %B %Y}" + ("" if event.all_day else f", {local:%H:%M} ({event.tz})")


def mails_ask(wanted: Iterable[tuple[str, Draft]]) -> Iterator[Failure]:
    """Put on record those that can be sent; yield the others, each as a failure of its subject."""
    drafts = []
    for subject, draft in wanted:
        try:
            channel(draft.channel).check(draft.payload)
        except ValueError as error:
            yield Failure(subject, str(error))
        else:
            drafts.append(draft)
    effects_enqueue(drafts)
