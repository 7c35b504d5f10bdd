"""What everybody sees without signing in, and what nobody does."""

from datetime import timedelta

import icalendar
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.events import services
from apps.events.enums import Status
from apps.events.models import Event
from apps.events.tests.factories import EventFactory, RegistrationFactory
from core.audit.services import Operator
from core.clock import database_now
from core.organisations.models import Organisation

pytestmark = pytest.mark.django_db

PUBLIC = "/api/v1/events/public"


def discover(query: str = "") -> list[str]:
    return [item["title"] for item in Client().get(f"{PUBLIC}{query}").json()["items"]]


def feed_of(organisation: Organisation) -> list[icalendar.Event]:
    answer = Client().get(f"{PUBLIC}/{organisation.slug}/calendar.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return list(icalendar.Calendar.from_ical(answer.content).walk("VEVENT"))


def test_discovery_leaves_out_what_has_ended_though_no_worker_runs() -> None:
    for title, hours in (("to come", 24), ("on", -1), ("over", -9)):
        EventFactory(title=title, starts_in=hours, is_public=True)
    EventFactory(title="private")
    for status in (Status.DRAFT, Status.CANCELLED, Status.COMPLETED):
        EventFactory(title=status, status=status, is_public=True)

    assert discover() == ["on", "to come"]


def test_discovery_of_one_organisation_and_by_a_word(organisation: Organisation) -> None:
    EventFactory(title="Summer fair", organisation=organisation, is_public=True)
    EventFactory(title="Winter fair", is_public=True)

    assert discover("?organisation=harbour") == ["Summer fair"]
    assert discover("?text=WINTER") == ["Winter fair"]
    assert Client().get(f"{PUBLIC}?organisation=nowhere").status_code == 404


def test_pages_follow_each_other_the_next_to_begin_first() -> None:
    for n in range(5):
        EventFactory(title=str(n), starts_in=n + 1, is_public=True)
    first = Client().get(f"{PUBLIC}?limit=3").json()

    assert [item["title"] for item in first["items"]] == ["0", "1", "2"]
    assert discover(f"?limit=3&cursor={first['next_cursor']}") == ["3", "4"]
    assert Client().get(f"{PUBLIC}?cursor=me").status_code == 422


def test_direct_address_of_an_ended_event_works(organisation: Organisation) -> None:
    EventFactory(organisation=organisation, slug="fair", starts_in=-9, is_public=True)

    answer = Client().get(f"{PUBLIC}/harbour/fair")

    assert (answer.status_code, answer.json()["status"]) == (200, "COMPLETED")
    services.events_move_on()
    services.events_archive(now=database_now() + timedelta(days=91))
    assert Client().get(f"{PUBLIC}/harbour/fair").json()["status"] == "COMPLETED"


@pytest.mark.parametrize("fields", [{"is_public": False}, {"status": Status.DRAFT}, {"organisation__is_active": False}])
def test_what_is_not_public_is_not_there(fields: dict[str, object]) -> None:
    event = EventFactory(**{"is_public": True, "organisation__slug": "harbour", "slug": "fair", **fields})

    assert Client().get(f"{PUBLIC}/{event.organisation.slug}/{event.slug}").status_code == 404
    assert discover() == []


def test_no_address_of_who_comes_is_public(organisation: Organisation) -> None:
    event = EventFactory(organisation=organisation, slug="fair", is_public=True)
    RegistrationFactory(event=event, email="ada@example.org")

    for path in ("", "/harbour/fair", "/harbour/calendar.ics"):
        assert "ada" not in Client().get(f"{PUBLIC}{path}").content.decode()


def test_list_of_fifty_costs_two_queries_and_walks_the_index() -> None:
    EventFactory.create_batch(60, is_public=True)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(discover()) == 50

    assert len(queries) == 2
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {queries[1]['sql']}")
        plan = " ".join(line for (line,) in cursor.fetchall())
    assert "event_public" in plan and "Sort" not in plan


def test_feed_gives_times_in_utc_and_days_as_dates(organisation: Organisation) -> None:
    times = {"starts_at": "2027-03-28T10:00Z", "end_date": "2027-03-28T12:00Z"}
    EventFactory(organisation=organisation, title="Talk", is_public=True, **times)
    days = {"starts_at": "2027-03-27T23:30Z", "end_date": "2027-03-28T21:00Z", "all_day": True, "tz": "Europe/Berlin"}
    EventFactory(organisation=organisation, title="Fair", is_public=True, **days)

    fair, talk = feed_of(organisation)

    assert (str(talk["SUMMARY"]), talk["DTSTART"].to_ical(), talk["DTEND"].to_ical()) == (
        "Talk",
        b"20270328T100000Z",
        b"20270328T120000Z",
    )
    assert (fair["DTSTART"].to_ical(), fair["DTEND"].to_ical()) == (b"20270328", b"20270329")
    assert fair["DTSTART"].params["VALUE"] == "DATE"


def test_feed_keeps_an_events_identity_when_it_is_moved_and_called_off(organisation: Organisation) -> None:
    event = EventFactory(organisation=organisation, is_public=True)
    (before,) = feed_of(organisation)
    named = {"organisation": organisation, "event_id": event.pk, "by": Operator("eve")}
    services.event_edit(**named, starts_at=event.starts_at - timedelta(hours=1))
    services.event_cancel(**named)

    (after,) = feed_of(organisation)

    assert (after["UID"], str(after["STATUS"])) == (before["UID"], "CANCELLED")
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert after["LAST-MODIFIED"].dt == Event.objects.get().updated_at.replace(microsecond=0)


def test_who_asks_again_is_told_that_nothing_is_new(organisation: Organisation) -> None:
    EventFactory(organisation=organisation, is_public=True)
    path = f"{PUBLIC}/harbour/calendar.ics"
    tag = Client().get(path)["ETag"]

    again = Client().get(path, headers={"If-None-Match": tag})

    assert (again.status_code, again.content) == (304, b"")


def test_feed_leaves_out_drafts_what_is_private_and_what_is_archived(organisation: Organisation) -> None:
    EventFactory(organisation=organisation, status=Status.DRAFT, is_public=True)
    EventFactory(organisation=organisation)
    EventFactory(organisation=organisation, is_public=True, status=Status.COMPLETED, archived_at=database_now())

    assert feed_of(organisation) == []
