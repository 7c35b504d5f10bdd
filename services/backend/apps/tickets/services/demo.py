"""Put the demonstration's boards and tickets into the database."""

from datetime import timedelta
from itertools import count

from django.db import transaction
from django.db.models import F

from apps.tickets.models import Board, Column, Ticket
from apps.tickets.services.demo_boards import BOARDS, DemoBoard, DemoTicket
from apps.tickets.services.history import Actor
from apps.tickets.services.tickets import ticket_create
from core.clock import database_now
from core.demo.services import demo_organisation

ACTOR = Actor(name="demonstration")


@transaction.atomic
def boards_seed(reset: bool) -> str:
    """Add what is missing; `reset` puts the tickets that exist back to the start."""
    if added := sum(_board_seed(demo, reset) for demo in BOARDS):
        return f"Added {added} tickets."
    return "Put the demo's tickets back." if reset else "The demo's tickets are all there; --reset puts them back."


def _board_seed(demo: DemoBoard, reset: bool) -> int:
    organisation = demo_organisation(demo.organisation)
    values = {"archive_after_hours": demo.archive_after_hours}
    board, _ = Board.objects.get_or_create(organisation=organisation, name=demo.name, defaults=values)
    columns = {name: _column(demo, board, name, place) for place, name in enumerate(demo.columns, start=1)}
    present = dict(Ticket.objects.filter(board=board).values_list("title", "pk"))
    missing = [ticket for ticket in demo.tickets if ticket.title not in present]
    for ticket in missing:
        _place(_ticket(ticket, columns[ticket.column]), ticket, columns[ticket.column])
    for ticket in demo.tickets if reset else ():
        if ticket.title in present:
            _place(present[ticket.title], ticket, columns[ticket.column])
    return len(missing)


def _column(demo: DemoBoard, board: Board, name: str, position: int) -> Column:
    """Find the column, or make it: at its place, or at the next free one of a board that somebody has rearranged."""
    taken = {column.position: column for column in board.columns.all()}
    for column in taken.values():
        if column.name == name:
            return column
    free = next(place for place in count(position) if place not in taken)
    return Column.objects.create(board=board, name=name, position=free, is_done_column=name in demo.done)


def _ticket(demo: DemoTicket, column: Column) -> int:
    fields = {"body": demo.body, "priority": demo.priority, "requester": demo.requester}
    return ticket_create(column=column, actor=ACTOR, title=demo.title, **fields).pk


def _place(ticket_id: int, demo: DemoTicket, column: Column) -> None:
    """Set the ticket's place first and its clock second: the trigger restarts the clock at each change of place."""
    row = Ticket.objects.filter(pk=ticket_id)
    row.update(column=column, board=column.board, pinned=demo.pinned, archived_at=None)
    since = database_now() - timedelta(hours=demo.hours)
    row.update(entered_column_at=since, created_at=since - timedelta(hours=2))
    if demo.archived:
        row.update(archived_at=F("entered_column_at") + timedelta(hours=25), archive_at=None)
