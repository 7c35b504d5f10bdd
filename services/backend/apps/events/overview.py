"""What the overview says of events: which begin or end next."""

from datetime import datetime

from django.utils.formats import localize

from apps.events.foresight import foretell
from apps.events.models import Event
from core.overview.cards import Card, CardSource
from core.overview.upcoming import upcoming
from core.schedules.foresight import NextAction


def moving_on(now: datetime) -> Card:
    return upcoming(
        "Events",
        hinted=Event.objects.next_due(),
        read=Event.objects.with_effective_status(now),
        foretell=foretell,
        some="These begin or end by themselves, the next first.",
        nothing="No published event is to come.",
        say=_say,
    )


def _say(foretold: NextAction) -> str:
    return f"{foretold.what} {localize(foretold.at)}" if foretold.at else foretold.why


CARDS = (CardSource(51, "events.view_event", moving_on),)
