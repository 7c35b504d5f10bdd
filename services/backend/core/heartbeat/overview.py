"""The overview's first card: does anybody work?"""

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse

from core.heartbeat.models import Heartbeat
from core.overview.cards import Card, CardSource, Line

# As many stamps may be left out before a node counts as silent.
LATE_STAMPS = 6


def health(now: datetime) -> Card:
    latest = list(Heartbeat.objects.order_by("-stamped_at")[:100])
    limit = timedelta(seconds=LATE_STAMPS * settings.HEARTBEAT_INTERVAL_SECONDS)
    silent = [beat for beat in latest if now - beat.stamped_at > limit]
    figure, words, tone = _said(len(latest), len(silent))
    lines = [Line(beat.node, note=f"silent since {beat.stamped_at:%Y-%m-%d %H:%M:%S} UTC") for beat in silent[:5]]
    return Card("Health", figure, words, reverse("admin:heartbeat_heartbeat_changelist"), tone, lines)


def _said(nodes: int, silent: int) -> tuple[str, str, str]:
    if not nodes:
        return "no worker yet", "No worker has reported yet, so no chore runs. Start the stack: make up.", "danger"
    if silent == nodes:
        return "nobody works", "Every node is silent, so no chore runs. Look at make status and make logs.", "danger"
    if silent:
        words = "These nodes are silent; the others do their work. One that was replaced is forgotten after a day."
        return f"{silent} of {nodes} silent", words, "warning"
    return "healthy", f"Beat, Redis, worker and database work together on {nodes} node(s).", "success"


CARDS = (CardSource(10, "heartbeat.view_heartbeat", health),)
