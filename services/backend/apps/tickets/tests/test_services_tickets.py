from datetime import timedelta

import pytest

from apps.tickets import services
from apps.tickets.models import Ticket
from apps.tickets.services import Actor, NotFoundError, Outcome, RefusedError
from apps.tickets.tests.factories import ColumnFactory, DoneFactory, TicketFactory
from core.clock import database_now
from core.organisations.tests.factories import MemberFactory, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db

ANNE = Actor(name="Anne")


def history(ticket: Ticket) -> list[tuple[str, str, str]]:
    return list(ticket.events.values_list("kind", "old", "new"))


def test_ticket_create_counts_in_each_organisation_alone() -> None:
    first, second = ColumnFactory(), ColumnFactory()

    made = [services.ticket_create(column=column, actor=ANNE, title="New") for column in (first, first, second)]

    assert [ticket.number for ticket in made] == [1, 2, 1]


def test_ticket_create_records_who_and_where() -> None:
    member = MemberFactory()
    column = ColumnFactory(name="To do", board__organisation=member.organisation)

    ticket = services.ticket_create(column=column, actor=Actor(member.user, "anne"), title="New")

    events = ticket.events.values_list("at", "kind", "new", "actor", "actor_name", "automatic")
    assert list(events) == [(database_now(), "created", "To do", member.user.pk, "anne", False)]


def test_ticket_create_refuses_an_assignee_from_outside() -> None:
    stranger, column = UserFactory(username="eve"), ColumnFactory()

    with pytest.raises(RefusedError, match=f"eve is not a member of {column.board.organisation}"):
        services.ticket_create(column=column, actor=ANNE, title="New", assignee=stranger)


def test_ticket_edit_records_each_field_that_differs() -> None:
    ticket = TicketFactory(title="Old", priority="low")
    member = MemberFactory(organisation=ticket.organisation, user__username="bob")
    fields = {"title": "New", "priority": "low", "body": "Long", "assignee": member.user}

    services.ticket_edit(organisation=ticket.organisation, ticket_id=ticket.pk, actor=ANNE, **fields)

    assert history(ticket) == [
        ("edited", "title: Old", "title: New"),
        ("edited", "body", "body: changed"),
        ("edited", "assignee: nobody", "assignee: bob"),
    ]


def test_ticket_edit_without_a_difference_writes_nothing() -> None:
    ticket = TicketFactory()

    services.ticket_edit(organisation=ticket.organisation, ticket_id=ticket.pk, actor=ANNE, title=ticket.title)

    assert history(ticket) == []
    assert Ticket.objects.get().updated_at == ticket.updated_at


def test_archived_ticket_is_read_only() -> None:
    ticket = TicketFactory(archived_at=database_now(), number=7)

    with pytest.raises(RefusedError, match=r"^Archived: #7\. Restore first, then change\.$"):
        services.ticket_edit(organisation=ticket.organisation, ticket_id=ticket.pk, actor=ANNE, title="New")


@pytest.mark.parametrize("service", [services.tickets_archive, services.tickets_restore])
def test_ticket_of_another_organisation_is_not_found(service: object) -> None:
    ticket = TicketFactory()

    with pytest.raises(NotFoundError, match=f"no ticket with the id {ticket.pk} in your organisation"):
        service(organisation=OrganisationFactory(), ids=[ticket.pk], actor=ANNE)  # type: ignore[operator]


def test_pin_and_unpin_are_recorded_once() -> None:
    ticket = TicketFactory()
    one = {"organisation": ticket.organisation, "ids": [ticket.pk], "actor": ANNE}

    changes = [services.tickets_pin(**one, pinned=pinned) for pinned in (True, True, False)]

    assert changes == [1, 0, 1]
    assert history(ticket) == [("pinned", "", ""), ("unpinned", "", "")]


def test_archive_by_hand_takes_a_pinned_ticket_outside_done() -> None:
    ticket = TicketFactory(column=ColumnFactory(name="To do"), pinned=True)

    changed = services.tickets_archive(organisation=ticket.organisation, ids=[ticket.pk], actor=ANNE)

    assert (changed, Ticket.objects.get().archived_at) == (1, database_now())
    assert history(ticket) == [("archived", "To do", "")]


def test_restored_ticket_stays_for_the_whole_threshold_again() -> None:
    ticket = TicketFactory(column=DoneFactory(), hours=1000)
    services.tickets_archive_due()

    services.tickets_restore(organisation=ticket.organisation, ids=[ticket.pk], actor=ANNE)

    later = database_now() + timedelta(hours=24)
    assert services.tickets_archive_due(now=later) == Outcome(0, 0, 0)
    assert services.tickets_archive_due(now=later + timedelta(seconds=1)) == Outcome(1, 1, 0)
    assert [kind for kind, _, _ in history(ticket)] == ["archived", "restored", "archived"]


def test_restore_of_a_ticket_on_its_board_changes_nothing() -> None:
    ticket = TicketFactory(column=DoneFactory(), hours=5)

    changed = services.tickets_restore(organisation=ticket.organisation, ids=[ticket.pk], actor=ANNE)

    assert (changed, Ticket.objects.get().entered_column_at) == (0, ticket.entered_column_at)
