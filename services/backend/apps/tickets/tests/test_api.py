"""The HTTP door, as programs use it: real tokens, real answers."""

from collections.abc import Callable
from datetime import timedelta
from json import dumps
from typing import Any

import pytest
from django.test import Client

from apps.tickets.jobs import JOBS
from apps.tickets.models import Board, Column, Ticket
from apps.tickets.tests.factories import BoardFactory, ColumnFactory, DoneFactory, TicketFactory
from core.clock import database_now
from core.organisations.enums import Role
from core.organisations.models import Organisation
from core.organisations.services import token_create
from core.organisations.tests.factories import MemberFactory, OrganisationFactory
from core.schedules.jobs import next_run_after
from core.schedules.services import schedules_sync

pytestmark = pytest.mark.django_db

Api = Callable[..., tuple[int, Any]]


def api_for(organisation: Organisation, role: Role) -> Api:
    """Return a caller of the API: method, path and body in, status and answer out."""
    token = token_create(organisation=organisation, role=role, name="test")
    client = Client(headers={"Authorization": f"Bearer {token}"})

    def call(method: str, path: str, **body: Any) -> tuple[int, Any]:
        answer = client.generic(method, f"/api/v1{path}", dumps(body) if body else "", "application/json")
        return answer.status_code, answer.json()

    return call


@pytest.fixture
def organisation() -> Organisation:
    return OrganisationFactory()


@pytest.fixture
def board(organisation: Organisation) -> Board:
    return BoardFactory(organisation=organisation, name="Desk")


@pytest.fixture
def done(board: Board) -> Column:
    return DoneFactory(board=board, name="Done")


@pytest.fixture
def owner(organisation: Organisation) -> Api:
    return api_for(organisation, Role.OWNER)


@pytest.fixture
def agent(organisation: Organisation) -> Api:
    return api_for(organisation, Role.AGENT)


@pytest.fixture
def schedule() -> None:
    schedules_sync(specs=JOBS, now=database_now())


def numbers(answer: tuple[int, Any]) -> list[int]:
    return [item["number"] for item in answer[1]["items"]]


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
def test_viewer_reads_everything(organisation: Organisation, done: Column, path: str) -> None:
    call = api_for(organisation, Role.VIEWER)

    assert call("GET", path.format(**_paths(TicketFactory(column=done))))[0] == 200


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


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("", [4, 3, 2, 1]),
        ("archived=true", [4]),
        ("archived=false", [3, 2, 1]),
        ("text=LIFT", [2]),
        ("text=basement", [2]),
        ("assignee=bob", [3]),
        ("column={done}", [4, 1]),
        ("board={board}&archived=false", [3, 2, 1]),
        ("board=0", []),
        ("due_before={soon}", [1]),
    ],
)
def test_list_filters(agent: Api, done: Column, question: str, expected: list[int]) -> None:
    todo = ColumnFactory(board=done.board)
    bob = MemberFactory(organisation=done.board.organisation, user__username="bob").user
    TicketFactory(column=done, number=1, hours=23.5)
    TicketFactory(column=todo, number=2, title="Lift", body="Stuck in the basement", hours=100)
    TicketFactory(column=todo, number=3, assignee=bob)
    TicketFactory(column=done, number=4, archived_at=database_now())
    soon = (database_now() + timedelta(hours=1)).isoformat().replace("+00:00", "Z")

    answer = agent("GET", f"/tickets?{question.format(done=done.pk, board=done.board_id, soon=soon)}")

    assert numbers(answer) == expected


def test_list_is_read_page_by_page(agent: Api, done: Column) -> None:
    for number in range(1, 6):
        TicketFactory(column=done, number=number)

    first = agent("GET", "/tickets?limit=2")
    second = agent("GET", f"/tickets?limit=2&cursor={first[1]['next_cursor']}")
    last = agent("GET", f"/tickets?limit=2&cursor={second[1]['next_cursor']}")

    assert [numbers(page) for page in (first, second, last)] == [[5, 4], [3, 2], [1]]
    assert last[1]["next_cursor"] is None


@pytest.mark.usefixtures("schedule")
def test_list_costs_the_same_queries_for_one_ticket_and_many(
    agent: Api, done: Column, django_assert_num_queries: Any
) -> None:
    TicketFactory.create_batch(7, column=done)

    # Token, its last use (written once), tickets, schedule, clock.
    agent("GET", "/tickets")
    with django_assert_num_queries(6):
        agent("GET", "/tickets")


@pytest.mark.usefixtures("schedule")
def test_why_names_the_run_that_will_archive(agent: Api, done: Column) -> None:
    ticket = TicketFactory(column=done, hours=1)

    _, why = agent("GET", f"/tickets/{ticket.pk}/why")

    assert ticket.archive_at is not None
    at = next_run_after(JOBS[0], ticket.archive_at).isoformat().replace("+00:00", "Z")
    assert (why["what"], why["at"], why["by_schedule"]) == ("archive", at, "archive-old-done-tickets")


@pytest.mark.usefixtures("schedule")
def test_preview_counts_all_and_lists_the_longest_overdue_first(agent: Api, done: Column) -> None:
    TicketFactory(column=DoneFactory(), hours=500)
    short, long = (TicketFactory(column=done, hours=hours) for hours in (30, 90))
    TicketFactory(column=done, hours=1)

    _, preview = agent("GET", "/tickets/preview?limit=1")

    assert preview["at"] == next_run_after(JOBS[0], database_now()).isoformat().replace("+00:00", "Z")
    assert (preview["count"], [ticket["id"] for ticket in preview["tickets"]]) == (2, [long.pk])
    assert short.pk != long.pk


def test_preview_says_that_there_is_no_next_run(agent: Api) -> None:
    status, answer = agent("GET", "/tickets/preview")

    assert (status, answer["detail"][:50]) == (409, "The archive schedule is switched off or was never ")


def test_every_operation_is_described() -> None:
    schema = Client().get("/api/v1/openapi.json").json()

    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    undescribed = [op["operationId"] for op in operations if not (op.get("summary") and op["operationId"].islower())]
    assert (len(operations), undescribed) == (21, [])
