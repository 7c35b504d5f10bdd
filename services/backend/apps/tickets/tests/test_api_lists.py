"""Lists, pages and forecasts of the HTTP door."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.tickets.jobs import JOBS
from apps.tickets.models import Column
from apps.tickets.tests.factories import ColumnFactory, DoneFactory, TicketFactory
from core.clock import database_now
from core.organisations.tests.calling import Api
from core.organisations.tests.factories import MemberFactory
from core.schedules.slots import crontab_slots

pytestmark = pytest.mark.django_db


def hour_after(moment: datetime) -> str:
    at = crontab_slots(JOBS[0].crontab, JOBS[0].zone).next(moment)
    assert at is not None
    return at.isoformat().replace("+00:00", "Z")


def numbers(answer: tuple[int, Any]) -> list[int]:
    return [item["number"] for item in answer[1]["items"]]


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
    at = hour_after(ticket.archive_at)
    assert (why["what"], why["at"], why["by_schedule"]) == ("archive", at, "archive-old-done-tickets")


@pytest.mark.usefixtures("schedule")
def test_preview_lists_what_is_due_at_the_very_slot(agent: Api, done: Column) -> None:
    slot = datetime.fromisoformat(hour_after(database_now()))
    ticket = TicketFactory(column=done, entered_column_at=slot - timedelta(hours=24))

    _, preview = agent("GET", "/tickets/preview")
    _, why = agent("GET", f"/tickets/{ticket.pk}/why")

    assert [each["id"] for each in preview["tickets"]] == [ticket.pk]
    assert preview["at"] == why["at"] == hour_after(database_now())


@pytest.mark.usefixtures("schedule")
def test_preview_counts_all_and_lists_the_longest_overdue_first(agent: Api, done: Column) -> None:
    TicketFactory(column=DoneFactory(), hours=500)
    short, long = (TicketFactory(column=done, hours=hours) for hours in (30, 90))
    TicketFactory(column=done, hours=1)

    _, preview = agent("GET", "/tickets/preview?limit=1")

    assert preview["at"] == hour_after(database_now())
    assert (preview["count"], [ticket["id"] for ticket in preview["tickets"]]) == (2, [long.pk])
    assert short.pk != long.pk


def test_preview_says_that_there_is_no_next_run(agent: Api) -> None:
    status, answer = agent("GET", "/tickets/preview")

    assert (status, answer["detail"][:50]) == (409, "The archive schedule is switched off or was never ")


def test_every_operation_is_described() -> None:
    schema = Client().get("/api/v1/openapi.json").json()

    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    undescribed = [op["operationId"] for op in operations if not (op.get("summary") and op["operationId"].islower())]
    assert (len(operations) > 20, undescribed) == (True, [])


@pytest.mark.parametrize("number", ["0", "1763740000", "1763740000.5", "-1"])
def test_a_time_is_not_a_number(agent: Api, number: str) -> None:
    status, answer = agent("GET", f"/tickets?due_before={number}")

    assert status == 422
    assert "not a number" in answer["detail"]
