"""The events' pages in the admin."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from apps import events
from apps.events import services
from apps.events.enums import Status
from apps.events.models import Event
from apps.events.tests.factories import EventFactory, RegistrationFactory, ReminderFactory
from core.organisations.models import Organisation

pytestmark = pytest.mark.django_db

LIST = reverse("admin:events_event_changelist")


def fields(event: Event, **changed: str) -> dict[str, str]:
    given = {
        "title": event.title,
        "slug": event.slug,
        "tz": event.tz,
        "starts_at_0": f"{event.starts_at:%Y-%m-%d}",
        "starts_at_1": f"{event.starts_at:%H:%M:%S}",
    }
    inlines = ("reminders", "registrations", "history")
    empty = {f"{name}-{part}_FORMS": "0" for name in inlines for part in ("TOTAL", "INITIAL")}
    return given | empty | changed


def test_list_shows_what_an_event_is_now_though_no_worker_has_run(admin: Client, schedule: None) -> None:
    EventFactory(title="Over", starts_in=-9)
    EventFactory(title="To come")

    ended = admin.get(f"{LIST}?status=COMPLETED").content.decode()

    assert ("Over" in ended, "To come" in ended) == (True, False)


def test_event_is_made_and_moved_by_the_services(admin: Client, organisation: Organisation) -> None:
    shape = EventFactory.build(title="Fair", slug="fair", starts_at=EventFactory().starts_at)
    admin.post(reverse("admin:events_event_add"), fields(shape, organisation=str(organisation.pk)))
    made = Event.objects.get(slug="fair")
    assert (made.status, made.history.get().actor_name) == (Status.DRAFT, "admin")

    admin.post(reverse("admin:events_event_change", args=[made.pk]), fields(made, title="Winter fair"))

    assert list(made.history.values_list("kind", "new")) == [("created", "Fair"), ("edited", "title: Winter fair")]


def test_page_shows_history_people_and_what_comes_next(admin: Client, schedule: None) -> None:
    event = EventFactory(starts_in=-9)
    RegistrationFactory(event=event, email="ada@example.org")
    ReminderFactory(event=event)
    services.events_move_on()

    page = admin.get(reverse("admin:events_event_change", args=[event.pk])).content.decode()

    assert "ada@example.org" in page
    assert "events are archived after 90 days" in page
    assert "Mark Ended Events as Completed" in page


def test_actions_publish_and_call_off(admin: Client) -> None:
    event = EventFactory(status=Status.DRAFT)
    for action, status in (("publish", Status.CONFIRMED), ("cancel", Status.CANCELLED)):
        admin.post(LIST, {"action": action, "_selected_action": [event.pk]})
        event.refresh_from_db()
        assert event.status == status

    answer = admin.post(LIST, {"action": "cancel", "_selected_action": [event.pk]}, follow=True)
    assert "only an event that is CONFIRMED or ONGOING can be cancelled." in answer.content.decode()


def test_overview_says_what_begins_and_ends_next(admin: Client, schedule: None) -> None:
    EventFactory(title="Later", starts_in=48)
    EventFactory(title="Soon", starts_in=1)

    cards = admin.get(reverse("admin:index")).context["cards"]

    (card,) = (card for card in cards if card.title == "Events")
    assert (card.figure, [line.text for line in card.lines]) == ("2", ["Soon", "Later"])
    assert card.lines[0].note.startswith("start ")


def test_no_view_reads_the_stored_status() -> None:
    """It lags behind the truth until a worker has run: views ask `with_effective_status`."""
    app = Path(events.__file__).parent
    doors = [app / "admin.py", app / "overview.py", *(app / "api").glob("*.py")]
    stored = re.compile(r"\.status\b(?!_)|\(status=|\bstatus__|[\"']status[\"']\)")

    found = {door.name: stored.findall(door.read_text(encoding="utf-8")) for door in doors}

    assert {name: hits for name, hits in found.items() if hits} == {}
