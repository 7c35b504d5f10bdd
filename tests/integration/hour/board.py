"""Runs inside the stack (`manage.py shell`): tickets of every kind, aged against the full hour that strikes next.

Prints the hour and each ticket's number, case and age at the hour in seconds, as JSON.
"""

import json
from datetime import timedelta

from apps.tickets import services
from apps.tickets.models import Ticket
from core.clock import database_now
from core.organisations.models import Organisation

NOW = database_now()
HOUR = NOW.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
DAY = 24 * 3600
ACTOR = services.Actor(name="the test")


def board(organisation, name, hours=None):
    made = services.board_create(organisation=organisation, name=name, archive_after_hours=hours)
    doing = services.column_create(board=made, name="Doing", position=1)
    return doing, services.column_create(board=made, name="Done", position=2, is_done_column=True)


def ticket(case, column, age_seconds, **fields):
    """Make a ticket that has been in its column for so many seconds when the hour strikes."""
    made = services.ticket_create(column=column, actor=ACTOR, title=case, **fields)
    Ticket.objects.filter(pk=made.pk).update(entered_column_at=HOUR - timedelta(seconds=age_seconds))
    return made


acme, other = (Organisation.objects.create(slug=slug, name=slug.title()) for slug in ("acme", "other"))
doing, done = board(acme, "Support")
_, quick = board(acme, "Quick", hours=1)
_, slow = board(acme, "Slow", hours=72)
_, retired = board(acme, "Retired")
_, foreign = board(other, "Support")

ticket("a second short of 24 h", done, DAY - 1)
ticket("24 h", done, DAY)
ticket("a second over 24 h", done, DAY + 1)
ticket("not done", doing, 3 * DAY)
ticket("pinned", done, 2 * DAY, pinned=True)
ticket("quick board", quick, 2 * 3600)
ticket("slow board", slow, 2 * DAY)
ticket("done in another organisation", foreign, 2 * DAY)
ticket("column is no longer Done", retired, 2 * DAY)
services.column_edit(column=retired, is_done_column=False)

edited = ticket("edited after Done", done, 2 * DAY)
services.ticket_edit(organisation=acme, ticket_id=edited.pk, actor=ACTOR, body="One more remark")
gone = ticket("archived before", done, 5 * DAY)
services.tickets_archive(organisation=acme, ids=[gone.pk], actor=ACTOR)
just = ticket("just moved", doing, 30 * DAY)
services.tickets_move(organisation=acme, ids=[just.pk], column=done, actor=ACTOR)
bulk = [ticket(f"bulk-moved {number}", doing, 30 * DAY).pk for number in (1, 2)]
services.tickets_move(organisation=acme, ids=bulk, column=done, actor=ACTOR)

print(json.dumps({"hour": HOUR.isoformat(), "spare": (HOUR - database_now()).total_seconds()}))
