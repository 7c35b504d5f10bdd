"""What the overview says of effects: the dead letters."""

from datetime import datetime

from django.urls import reverse

from core.effects.enums import EffectState
from core.effects.models import Effect
from core.overview.cards import COUNTED, Card, CardSource, Line, counted

LINES = 5


def dead_letters(now: datetime) -> Card:
    dead = Effect.objects.filter(state=EffectState.DEAD).defer("payload").order_by("-created_at")
    rows = list(dead[: COUNTED + 1])
    lines = [
        Line(f"{row.channel} {row.dedupe_key}", reverse("admin:effects_effect_change", args=[row.pk]), row.error[:150])
        for row in rows[:LINES]
    ]
    words = (
        "These mails and webhooks could not be delivered: mend the cause, then replay them."
        if rows
        else "Every mail and webhook left, or waits for its time."
    )
    where = f"{reverse('admin:effects_effect_changelist')}?state=DEAD"
    return Card("Dead letters", counted(rows), words, where, "danger" if rows else "success", lines)


CARDS = (CardSource(35, "effects.view_effect", dead_letters),)
