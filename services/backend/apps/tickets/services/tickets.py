"""Make, edit, pin, archive and restore tickets by hand."""

from collections.abc import Collection
from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from django.db.models import Max

from apps.tickets.enums import EventKind
from apps.tickets.models import Column, Ticket
from apps.tickets.services.history import Actor, Change, history_write
from apps.tickets.services.locking import open_tickets_lock, tickets_lock
from core.errors import RefusedError
from core.organisations.models import Organisation

# Long texts are not copied into the history; that they changed is.
SUMMARISED = {"body": "changed"}


@transaction.atomic
def ticket_create(*, column: Column, actor: Actor, **fields: Any) -> Ticket:
    """Make a ticket at the end of the organisation's numbers; numbers are never used twice."""
    organisation = Organisation.objects.select_for_update(no_key=True).get(boards=column.board_id)
    _assignee_check(organisation, fields.get("assignee"))
    last = Ticket.objects.filter(organisation=organisation).aggregate(Max("number"))["number__max"] or 0
    place = {"organisation": organisation, "board_id": column.board_id, "column": column, "number": last + 1}
    ticket = Ticket.objects.create(**place, **fields)
    history_write(changes=[Change(ticket, EventKind.CREATED, new=column.name)], actor=actor)
    return Ticket.objects.get(pk=ticket.pk)


@transaction.atomic
def ticket_edit(*, organisation: Organisation, ticket_id: int, actor: Actor, **fields: Any) -> None:
    """Write the given fields that differ. Nothing here restarts the archive clock: only a move does."""
    (ticket,) = open_tickets_lock(organisation=organisation, ids=[ticket_id])
    _assignee_check(organisation, fields.get("assignee"))
    changes = [_edit(ticket, name, value) for name, value in fields.items() if getattr(ticket, name) != value]
    if changes:
        Ticket.objects.filter(pk=ticket_id).update(**fields, updated_at=TransactionNow())
        history_write(changes=changes, actor=actor)


def _edit(ticket: Ticket, name: str, value: Any) -> Change:
    old, new = ("", SUMMARISED[name]) if name in SUMMARISED else (getattr(ticket, name) or "nobody", value or "nobody")
    return Change(ticket, EventKind.EDITED, f"{name}: {old}" if old else name, f"{name}: {new}")


def _assignee_check(organisation: Organisation, assignee: Any) -> None:
    if assignee is not None and not organisation.members.filter(user=assignee).exists():
        raise RefusedError(f"{assignee} is not a member of {organisation}: choose somebody who is.")


@transaction.atomic
def tickets_pin(*, organisation: Organisation, ids: Collection[int], pinned: bool, actor: Actor) -> int:
    """Pin or unpin the tickets and return how many changed."""
    tickets = [t for t in open_tickets_lock(organisation=organisation, ids=ids) if t.pinned != pinned]
    Ticket.objects.filter(pk__in=[t.pk for t in tickets]).update(pinned=pinned, updated_at=TransactionNow())
    kind = EventKind.PINNED if pinned else EventKind.UNPINNED
    history_write(changes=[Change(ticket, kind) for ticket in tickets], actor=actor)
    return len(tickets)


@transaction.atomic
def tickets_archive(*, organisation: Organisation, ids: Collection[int], actor: Actor) -> int:
    """Archive the tickets at once, whatever the rule says, and return how many were still on their board."""
    tickets = [t for t in tickets_lock(organisation=organisation, ids=ids) if not t.is_archived]
    rows = Ticket.objects.filter(pk__in=[t.pk for t in tickets])
    rows.update(archived_at=TransactionNow(), archive_at=None, updated_at=TransactionNow())
    history_write(changes=[Change(t, EventKind.ARCHIVED, old=t.column.name) for t in tickets], actor=actor)
    return len(tickets)


@transaction.atomic
def tickets_restore(*, organisation: Organisation, ids: Collection[int], actor: Actor) -> int:
    """Put the tickets back where they were, with a new clock, and return how many came back.

    The new clock (the trigger's) gives a restored ticket the whole threshold again. With the old one the next hourly
    run would take it away at once, and pinning it instead would keep it for ever without anybody having said so.
    """
    tickets = [t for t in tickets_lock(organisation=organisation, ids=ids) if t.is_archived]
    Ticket.objects.filter(pk__in=[t.pk for t in tickets]).update(archived_at=None, updated_at=TransactionNow())
    history_write(changes=[Change(t, EventKind.RESTORED, new=t.column.name) for t in tickets], actor=actor)
    return len(tickets)
