"""The states of an effect, and the name by which its delivery is asked for."""

from django.db.models import TextChoices

DELIVER_TASK = "effects.deliver"


class EffectState(TextChoices):
    PENDING = "PENDING"  # waits for its time, for its channel, or for its next attempt
    SENT = "SENT"  # the mail server or the receiver took it
    DEAD = "DEAD"  # refused for good, or tried as often as its policy says: an operator replays or drops it
    DROPPED = "DROPPED"  # an operator, or the app that asked for it, decided that it does not leave


REPLAYABLE = frozenset({EffectState.DEAD})
DROPPABLE = frozenset({EffectState.PENDING, EffectState.DEAD})
