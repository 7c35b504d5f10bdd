"""The admin pages: what a superuser sees and does there."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.tickets.jobs import JOBS
from apps.tickets.models import Board, Column, Ticket
from apps.tickets.tests.factories import ColumnFactory, DoneFactory, TicketFactory
from core.clock import database_now
from core.organisations.tests.factories import MemberFactory, UserFactory
from core.schedules.services import schedules_sync

pytestmark = pytest.mark.django_db

TICKETS = reverse("admin:tickets_ticket_changelist")


def page(ticket: Ticket) -> str:
    return reverse("admin:tickets_ticket_change", args=[ticket.pk])


def form(ticket: Ticket, **changes: Any) -> dict[str, Any]:
    """The form as the browser sends it."""
    values = {name: getattr(ticket, name) for name in ("title", "body", "priority", "requester")}
    inlines = {f"events-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}
    return values | {"column": ticket.column_id} | inlines | changes


def act(admin: Client, action: str, *tickets: Ticket) -> str:
    data = {"action": action, "_selected_action": [ticket.pk for ticket in tickets]}
    return admin.post(TICKETS, data, follow=True).content.decode()


def test_list_shows_what_happens_next_and_why(admin: Client) -> None:
    schedules_sync(specs=JOBS, now=database_now())
    TicketFactory(column=DoneFactory(), title="Lift")
    TicketFactory(column=ColumnFactory(name="To do"))

    shown = admin.get(TICKETS).content.decode()

    assert "tickets leave after more than 24 h (the default)." in shown
    assert "To do is not a Done column." in shown


def test_list_costs_the_same_queries_for_few_tickets_and_many(
    admin: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(8):
        TicketFactory(column=DoneFactory())

    with django_assert_max_num_queries(14):
        admin.get(TICKETS)


@pytest.mark.parametrize(("question", "count"), [("", 2), ("?archived=no", 1), ("?archived=yes", 1)])
def test_list_filters_by_archived(admin: Client, question: str, count: int) -> None:
    TicketFactory(column=DoneFactory())
    TicketFactory(column=DoneFactory(), archived_at=database_now())

    assert len(admin.get(TICKETS + question).context["cl"].result_list) == count


def test_ticket_page_shows_its_history(admin: Client) -> None:
    ticket = TicketFactory(column=DoneFactory())
    act(admin, "pin", ticket)

    assert "Pinned: it stays until somebody unpins it." in admin.get(page(ticket)).content.decode()


def test_new_ticket_is_asked_only_what_a_person_knows(admin: Client) -> None:
    form = admin.get(reverse("admin:tickets_ticket_add")).context["adminform"]

    (fieldset,) = form.fieldsets
    assert fieldset[1]["fields"] == ["column", "title", "body", "priority", "requester", "assignee", "pinned"]


def test_new_ticket_gets_number_board_and_history(admin: Client) -> None:
    column = ColumnFactory()
    TicketFactory(column=column, number=41)
    data = form(TicketFactory.build(column=column, title="New"))

    admin.post(reverse("admin:tickets_ticket_add"), data)

    made = Ticket.objects.get(title="New")
    assert (made.number, made.board, made.organisation) == (42, column.board, column.board.organisation)
    assert list(made.events.values_list("kind", "actor_name")) == [("created", "admin")]


def test_change_of_the_column_is_a_move(admin: Client) -> None:
    done = DoneFactory()
    ticket = TicketFactory(column=ColumnFactory(board=done.board), hours=100)

    admin.post(page(ticket), form(ticket, column=done.pk, title="Moved"))

    ticket.refresh_from_db()
    assert (ticket.title, ticket.column, ticket.entered_column_at) == ("Moved", done, database_now())
    assert list(ticket.events.values_list("kind", flat=True)) == ["edited", "moved"]


def test_form_refuses_a_column_or_assignee_of_another_organisation(admin: Client) -> None:
    ticket, foreign = TicketFactory(), ColumnFactory()

    for changes in ({"column": foreign.pk}, {"assignee": UserFactory().pk}):
        answer = admin.post(page(ticket), form(ticket, **changes))
        assert list(answer.context["adminform"].form.errors) == list(changes)


def test_archived_ticket_is_read_only_and_no_ticket_can_be_deleted(admin: Client) -> None:
    ticket = TicketFactory(archived_at=database_now())

    assert admin.post(page(ticket), form(ticket, title="New")).status_code == 403
    assert admin.post(reverse("admin:tickets_ticket_delete", args=[ticket.pk])).status_code == 403


def test_actions_work_across_organisations(admin: Client) -> None:
    tickets = [TicketFactory(column=DoneFactory(), hours=5) for _ in range(2)]

    for action, field, value in (
        ("pin", "pinned", True),
        ("archive", "is_archived", True),
        ("restore", "is_archived", False),
    ):
        act(admin, action, *tickets)
        assert set(Ticket.objects.values_list(field, flat=True)) == {value}


def test_action_that_is_refused_says_why(admin: Client) -> None:
    ticket = TicketFactory(archived_at=database_now(), number=7)

    assert "Archived: #7. Restore first, then change." in act(admin, "pin", ticket)


def test_form_offers_only_the_columns_and_members_of_the_tickets_organisation(admin: Client) -> None:
    ticket = TicketFactory(column=DoneFactory())
    ColumnFactory()
    MemberFactory()
    member = MemberFactory(organisation=ticket.organisation)

    fields = admin.get(page(ticket)).context["adminform"].form.fields

    assert list(fields["column"].queryset) == [ticket.column]
    assert list(fields["assignee"].queryset) == [member.user]


def test_list_is_read_from_the_index_of_the_numbers(admin: Client) -> None:
    rows = admin.get(TICKETS).context["cl"].queryset

    assert list(rows.query.order_by) == ["-organisation_id", "-number"]


def test_times_are_written_with_their_zone(admin: Client) -> None:
    ticket = TicketFactory(column=DoneFactory(), hours=5)

    assert f"{ticket.entered_column_at:%Y-%m-%d %H:%M} UTC" in admin.get(page(ticket)).content.decode()


def test_boards_list_says_threshold_and_columns(admin: Client) -> None:
    board = DoneFactory(name="Fixed", board__archive_after_hours=2).board
    ColumnFactory(board=DoneFactory().board, name="Open")

    shown = admin.get(reverse("admin:tickets_board_changelist")).content.decode()

    assert board.threshold_hours == 2
    assert all(text in shown for text in ("24 h (the default)", "2 h", "Fixed (Done column)", "Open"))


def test_columns_can_change_places(admin: Client) -> None:
    first = ColumnFactory(position=1)
    second = ColumnFactory(board=first.board, position=2)
    fields: dict[str, Any] = {"organisation": first.board.organisation_id, "name": first.board.name}
    fields |= {"columns-TOTAL_FORMS": 2, "columns-INITIAL_FORMS": 2}
    for number, (column, position) in enumerate([(first, 2), (second, 1)]):
        values = {"id": column.pk, "board": first.board_id, "name": column.name, "position": position}
        fields |= {f"columns-{number}-{name}": value for name, value in values.items()}

    admin.post(reverse("admin:tickets_board_change", args=[first.board_id]), fields)

    assert list(Column.objects.values_list("pk", "position")) == [(second.pk, 1), (first.pk, 2)]


def test_board_page_moves_the_hints(admin: Client, django_capture_on_commit_callbacks: Any) -> None:
    ticket = TicketFactory(column=DoneFactory(position=1), hours=5)
    board = ticket.board
    column = {"id": ticket.column_id, "board": board.pk, "name": "Done", "position": 1, "is_done_column": "on"}
    inlines = {"columns-TOTAL_FORMS": 1, "columns-INITIAL_FORMS": 1} | {f"columns-0-{k}": v for k, v in column.items()}
    fields = {"organisation": board.organisation_id, "name": "Renamed", "archive_after_hours": 2}

    with django_capture_on_commit_callbacks(execute=True):
        admin.post(reverse("admin:tickets_board_change", args=[board.pk]), fields | inlines)

    ticket.refresh_from_db()
    assert (Board.objects.get().name, ticket.archive_at is not None) == ("Renamed", True)
    assert Board.objects.get().hints_are_current
    assert (ticket.archive_at - ticket.entered_column_at).total_seconds() == 2 * 3600  # type: ignore[operator]
