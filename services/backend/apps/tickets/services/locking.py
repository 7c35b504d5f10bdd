"""Take tickets for a change: all of them or none."""

from collections.abc import Collection

from apps.tickets.models import Ticket
from core.errors import NotFoundError, RefusedError
from core.organisations.models import Organisation


def tickets_lock(*, organisation: Organisation, ids: Collection[int]) -> list[Ticket]:
    """Lock the tickets in the order of their ids, so that two callers never wait for each other crosswise."""
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("column__board")
    tickets = list(rows.filter(organisation=organisation, id__in=ids).order_by("id"))
    missing = sorted(set(ids) - {ticket.pk for ticket in tickets})
    if missing:
        raise NotFoundError(f"There is no ticket with the id {', '.join(map(str, missing))} in your organisation.")
    return tickets


def open_tickets_lock(*, organisation: Organisation, ids: Collection[int]) -> list[Ticket]:
    """Lock tickets that are still on their board; archived ones are read-only until somebody restores them."""
    tickets = tickets_lock(organisation=organisation, ids=ids)
    archived = [f"#{ticket.number}" for ticket in tickets if ticket.is_archived]
    if archived:
        raise RefusedError(f"Archived: {', '.join(archived)}. Restore first, then change.")
    return tickets
