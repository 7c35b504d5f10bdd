"""Who did what to which ticket."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User

from apps.tickets.enums import EventKind
from apps.tickets.models import Ticket, TicketEvent


@dataclass(frozen=True)
class Actor:
    """A person, or a program that has only a name."""

    user: User | None = None
    name: str = ""


@dataclass(frozen=True)
class Change:
    ticket: Ticket
    kind: EventKind
    old: str = ""
    new: str = ""


def history_write(*, changes: Iterable[Change], actor: Actor) -> None:
    """Record the changes at the transaction's time: call it in the transaction that makes them."""
    TicketEvent.objects.bulk_create(
        TicketEvent(ticket=c.ticket, kind=c.kind, old=c.old, new=c.new, actor=actor.user, actor_name=actor.name)
        for c in changes
    )
