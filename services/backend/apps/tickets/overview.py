"""What the overview says of tickets: which leave the board next."""

from datetime import datetime

from apps.tickets.foresight import foretell
from apps.tickets.models import Ticket
from core.overview.cards import Card, CardSource
from core.overview.upcoming import upcoming


def leaving(now: datetime) -> Card:
    marked = Ticket.objects.filter(archived_at__isnull=True, archive_at__isnull=False)
    return upcoming(
        "Leaves the board next",
        hinted=marked.order_by("archive_at", "id"),
        read=Ticket.objects.with_due_at().select_related("organisation", "column__board", "board"),
        foretell=foretell,
        some="These stand in a Done column and leave for the archive, the next first.",
        nothing="No ticket stands in a Done column. One that is moved there leaves after its board's time.",
        filters="?archived=no&column__is_done_column__exact=1",
    )


CARDS = (CardSource(50, "tickets.view_ticket", leaving),)
