"""The HTTP door, as programs use it: real tokens, real answers."""

from typing import Any

import pytest

from apps.tickets.models import Board, Column, Ticket
from apps.tickets.tests.factories import ColumnFactory, TicketFactory
from core.clock import database_now
from core.organisations.enums import Role
from core.organisations.models import Organisation
from core.organisations.tests.calling import Api, api_for
from core.organisations.tests.factories import MemberFactory

pytestmark = pytest.mark.django_db


def test_owner_makes_a_board_with_columns(owner: Api) -> None:
    _, board = owner("POST", "/boards", name="Desk", archive_after_hours=2)
    status, column = owner("POST", f"/boards/{board['id']}/columns", name="Done", position=1, is_done_column=True)

    assert status == 201
    assert owner("GET", f"/boards/{board['id']}") == (200, board | {"columns": [column], "threshold_hours": 2})


def test_board_edit_can_return_to_the_default(owner: Api, board: Board) -> None:
    owner("PATCH", f"/boards/{board.pk}", archive_after_hours=2)

    _, answer = owner("PATCH", f"/boards/{board.pk}", archive_after_hours=None)

    assert (answer["name"], answer["archive_after_hours"], answer["threshold_hours"]) == ("Desk", None, 24)


def test_columns_order_answers_in_the_new_order(owner: Api, board: Board) -> None:
    first, second = (ColumnFactory(board=board).pk for _ in range(2))

    _, columns = owner("PUT", f"/boards/{board.pk}/columns/order", ids=[second, first])

    assert [(column["id"], column["position"]) for column in columns] == [(second, 1), (first, 2)]


def test_taken_name_is_a_conflict_with_a_sentence(owner: Api, board: Board) -> None:
    answer = owner("POST", "/boards", name=board.name)

    assert answer == (409, {"detail": "There is already a board 'Desk': choose another name."})


WRITES = [
    (Role.OWNER, "POST", "/boards", {"name": "New"}),
    (Role.OWNER, "PATCH", "/boards/{board}", {"name": "New"}),
    (Role.OWNER, "POST", "/boards/{board}/columns", {"name": "New", "position": 99}),
    (Role.OWNER, "PUT", "/boards/{board}/columns/order", {"ids": [1]}),
    (Role.OWNER, "PATCH", "/columns/{column}", {"name": "New"}),
    (Role.AGENT, "POST", "/tickets", {"column_id": 1, "title": "New"}),
    (Role.AGENT, "PATCH", "/tickets/{ticket}", {"title": "New"}),
    (Role.AGENT, "POST", "/tickets/move", {"ids": [1], "column_id": 1}),
    (Role.AGENT, "POST", "/tickets/{ticket}/move", {"column_id": 1}),
    (Role.AGENT, "POST", "/tickets/{ticket}/pin", {}),
    (Role.AGENT, "POST", "/tickets/{ticket}/unpin", {}),
    (Role.AGENT, "POST", "/tickets/{ticket}/archive", {}),
    (Role.AGENT, "POST", "/tickets/{ticket}/restore", {}),
]
READS = [
    "/boards/{board}",
    "/boards/{board}/columns",
    *(f"/tickets/{{ticket}}{end}" for end in ("", "/history", "/why")),
]


def _paths(ticket: Ticket) -> dict[str, int]:
    return {"board": ticket.board_id, "column": ticket.column_id, "ticket": ticket.pk}


@pytest.mark.parametrize(("needed", "method", "path", "body"), WRITES)
def test_write_needs_its_role(done: Column, needed: Role, method: str, path: str, body: dict[str, Any]) -> None:
    lower = {Role.OWNER: Role.AGENT, Role.AGENT: Role.VIEWER}[needed]
    call = api_for(done.board.organisation, lower)

    answer = call(method, path.format(**_paths(TicketFactory(column=done))), **body)

    assert answer == (403, {"detail": f"This needs the role {needed.value}; yours is {lower.value}."})


@pytest.mark.parametrize("path", READS)
def test_viewer_reads_everything(viewer: Api, done: Column, path: str) -> None:
    assert viewer("GET", path.format(**_paths(TicketFactory(column=done))))[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [write[1:] for write in WRITES if "{" in write[2]] + [("GET", read, {}) for read in READS],
)
def test_foreign_id_is_not_found(owner: Api, done: Column, method: str, path: str, body: dict[str, Any]) -> None:
    foreign = TicketFactory()
    body = body | ({"column_id": done.pk} if "column_id" in body else {})

    status, answer = owner(method, path.format(**_paths(foreign)), **body)

    assert status == 404
    assert answer["detail"].startswith("There is no ")
    assert answer["detail"].endswith(" in your organisation.")


def test_bulk_move_with_a_foreign_ticket_is_not_found(agent: Api, done: Column) -> None:
    foreign = TicketFactory()

    answer = agent("POST", "/tickets/move", ids=[foreign.pk], column_id=done.pk)

    assert answer == (404, {"detail": f"There is no ticket with the id {foreign.pk} in your organisation."})


def test_ticket_cannot_be_made_in_or_moved_to_a_foreign_column(agent: Api, done: Column) -> None:
    foreign = ColumnFactory()
    ticket = TicketFactory(column=done)

    for path, body in (("/tickets", {"title": "New"}), (f"/tickets/{ticket.pk}/move", {})):
        assert agent("POST", path, column_id=foreign.pk, **body)[0] == 404


def test_lists_show_nothing_of_another_organisation(agent: Api) -> None:
    TicketFactory()

    assert agent("GET", "/boards") == (200, [])
    assert agent("GET", "/tickets") == (200, {"items": [], "next_cursor": None})


@pytest.mark.usefixtures("schedule")
def test_ticket_is_made_with_all_its_fields(agent: Api, organisation: Organisation, done: Column) -> None:
    MemberFactory(organisation=organisation, user__username="bob")
    fields = {"title": "Lift", "body": "Stuck", "priority": "urgent", "requester": "Porter", "assignee": "bob"}

    status, made = agent("POST", "/tickets", column_id=done.pk, **fields)

    assert (status, made["number"], made["column"]["name"]) == (201, 1, "Done")
    assert {name: made[name] for name in fields} == fields
    assert agent("GET", f"/tickets/{made['id']}") == (200, made)


def test_ticket_edit_takes_the_assignee_away(agent: Api, organisation: Organisation, done: Column) -> None:
    bob = MemberFactory(organisation=organisation).user
    ticket = TicketFactory(column=done, assignee=bob)

    status, edited = agent("PATCH", f"/tickets/{ticket.pk}", assignee=None)

    assert (status, edited["assignee"], edited["title"]) == (200, None, ticket.title)


def test_unknown_assignee_is_refused_with_a_sentence(agent: Api, done: Column) -> None:
    answer = agent("POST", "/tickets", column_id=done.pk, title="New", assignee="eve")

    assert answer == (422, {"detail": "There is no member 'eve' in your organisation."})


@pytest.mark.parametrize("body", [{"title": ""}, {"title": None}, {"priority": "huge"}, {"title": "x" * 201}])
def test_wrong_field_is_refused(agent: Api, done: Column, body: dict[str, Any]) -> None:
    assert agent("PATCH", f"/tickets/{TicketFactory(column=done).pk}", **body)[0] == 422


def test_agent_moves_pins_archives_and_restores(agent: Api, board: Board, done: Column) -> None:
    ticket = TicketFactory(column=ColumnFactory(board=board, name="To do"))
    one = f"/tickets/{ticket.pk}"

    steps = [agent("POST", f"{one}/move", column_id=done.pk)]
    steps += [agent("POST", f"{one}/{verb}") for verb in ("pin", "unpin", "archive", "archive", "restore")]

    assert steps == [(200, {"changed": changed}) for changed in (1, 1, 1, 1, 0, 1)]
    assert [(event["kind"], event["actor"]) for event in agent("GET", f"{one}/history")[1]] == [
        (kind, "token test") for kind in ("moved", "pinned", "unpinned", "archived", "restored")
    ]


def test_bulk_move_moves_them_all(agent: Api, board: Board, done: Column) -> None:
    tickets = TicketFactory.create_batch(3, column=ColumnFactory(board=board))

    answer = agent("POST", "/tickets/move", ids=[ticket.pk for ticket in tickets], column_id=done.pk)

    assert answer == (200, {"changed": 3})
    assert Ticket.objects.filter(column=done).count() == 3


def test_edit_of_an_archived_ticket_is_a_conflict(agent: Api, done: Column) -> None:
    ticket = TicketFactory(column=done, archived_at=database_now(), number=7)

    answer = agent("PATCH", f"/tickets/{ticket.pk}", title="New")

    assert answer == (409, {"detail": "Archived: #7. Restore first, then change."})
