"""Move tickets between columns, one or many in the same way."""

from collections.abc import Collection

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction

from apps.tickets.enums import EventKind
from apps.tickets.models import Column, Ticket
from apps.tickets.services.history import Actor, Change, history_write
from apps.tickets.services.locking import open_tickets_lock
from core.organisations.models import Organisation


@transaction.atomic
def tickets_move(*, organisation: Organisation, ids: Collection[int], column: Column, actor: Actor) -> int:
    """Move the tickets, all or none, and return how many changed place; one that is there already keeps its clock.

    The database's trigger restarts the clock of each moved ticket and computes its due hint.
    """
    tickets = open_tickets_lock(organisation=organisation, ids=ids)
    moving = [ticket for ticket in tickets if ticket.column_id != column.pk]
    rows = Ticket.objects.filter(pk__in=[ticket.pk for ticket in moving])
    rows.update(column=column, board=column.board_id, updated_at=TransactionNow())
    history_write(changes=[_move(ticket, column) for ticket in moving], actor=actor)
    return len(moving)


def _move(ticket: Ticket, column: Column) -> Change:
    return Change(ticket, EventKind.MOVED, str(ticket.column), str(column))
