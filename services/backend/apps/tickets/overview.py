"""What the overview says of tickets: which leave the board next."""

from datetime import datetime

from django.urls import reverse
from django.utils.formats import localize

from apps.tickets.foresight import foretell
from apps.tickets.models import Ticket
from core.overview.cards import COUNTED, Card, CardSource, Line, counted

LINES = 5


def leaving(now: datetime) -> Card:
    """Count the hints, in the order of their index; the rule itself speaks for those shown."""
    marked = Ticket.objects.filter(archived_at__isnull=True, archive_at__isnull=False)
    ids = list(marked.order_by("archive_at", "id").values_list("pk", flat=True)[: COUNTED + 1])
    first = Ticket.objects.with_due_at().select_related("organisation", "column__board", "board").in_bulk(ids[:LINES])
    tickets = foretell([first[key] for key in ids[:LINES] if key in first])
    words = (
        "These stand in a Done column and leave for the archive, the next first."
        if ids
        else "No ticket stands in a Done column. One that is moved there leaves after its board's time."
    )
    where = f"{reverse('admin:tickets_ticket_changelist')}?archived=no&column__is_done_column__exact=1"
    return Card("Leaves the board next", counted(ids), words, where, "", [_line(ticket) for ticket in tickets])


def _line(ticket: Ticket) -> Line:
    foretold = getattr(ticket, "next_action")  # noqa: B009  # written by `foretell`
    when = localize(foretold.at) if foretold.at else foretold.why
    return Line(str(ticket), reverse("admin:tickets_ticket_change", args=[ticket.pk]), f"{when}")


CARDS = (CardSource(50, "tickets.view_ticket", leaving),)
