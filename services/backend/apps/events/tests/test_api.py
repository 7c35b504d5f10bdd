"""An organisation's own events over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.events import services
from apps.events.enums import Status
from apps.events.models import Event, Registration
from apps.events.tests.factories import EventFactory, RegistrationFactory, ReminderFactory
from core.audit.models import Audit
from core.audit.services import Operator
from core.clock import database_now
from core.errors import RefusedError
from core.organisations.models import Organisation
from core.organisations.tests.calling import Api

pytestmark = pytest.mark.django_db

FAIR = {"title": "Summer fair", "starts_at": "2027-07-10T10:00:00+02:00", "end_date": "2027-07-10T18:00:00+02:00"}

CANCEL = "only an event that is CONFIRMED or ONGOING can be cancelled."


def titles(answer: tuple[int, dict[str, list[dict[str, str]]]]) -> list[str]:
    return [item["title"] for item in answer[1]["items"]]


def test_event_is_made_as_a_draft_in_the_organisations_zone(agent: Api) -> None:
    status, made = agent("POST", "/events", **FAIR)

    assert status == 201
    assert (made["slug"], made["tz"], made["status"]) == ("summer-fair", "Europe/Berlin", "DRAFT")
    assert (made["starts_at"], made["first_day"]) == ("2027-07-10T08:00:00Z", "2027-07-10")
    assert made["next_action"]["why"] == "A draft: nothing happens to it until it is published."


def test_second_event_of_the_same_title_gets_a_slug_of_its_own(agent: Api) -> None:
    slugs = [agent("POST", "/events", **FAIR)[1]["slug"] for _ in range(3)]

    assert slugs == ["summer-fair", "summer-fair-2", "summer-fair-3"]


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"slug": "taken"}, 409, "There is already an event with this slug: choose another."),
        (
            {"end_date": FAIR["starts_at"]},
            409,
            "An event ends after it starts: give it a later end, or an earlier start.",
        ),
        ({"starts_at": "1800-01-01T00:00:00Z"}, 409, "An event lies between the years 1900 and 2999."),
        ({"tz": "Lundon"}, 422, "tz: There is no time zone 'Lundon': use an IANA name, such as Europe/London."),
        ({"tz": "localtime"}, 422, "tz: There is no time zone 'localtime': use an IANA name, such as Europe/London."),
        ({"starts_at": "2027-07-10T10:00:00"}, 422, "starts_at: Input should have timezone info."),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    agent: Api, fields: dict[str, str], status: int, sentence: str
) -> None:
    EventFactory(organisation=Organisation.objects.get(), slug="taken")

    answered, answer = agent("POST", "/events", **(FAIR | fields))

    assert (answered, answer["detail"]) == (status, sentence)


def test_all_day_event_lasts_from_its_first_local_day_to_its_last(agent: Api) -> None:
    days = {"starts_at": "2027-03-27T12:00:00Z", "end_date": "2027-03-28T12:00:00Z", "all_day": True}

    _, made = agent("POST", "/events", title="Weekend", **days)

    assert (made["starts_at"], made["ends_at"]) == ("2027-03-26T23:00:00Z", "2027-03-28T22:00:00Z")
    assert (made["first_day"], made["last_day"]) == ("2027-03-27", "2027-03-28")


def test_all_day_event_keeps_its_days_when_its_zone_changes(agent: Api) -> None:
    day = {"starts_at": "2027-03-01T00:00:00+01:00", "end_date": "2027-03-01T00:00:00+01:00", "all_day": True}
    _, made = agent("POST", "/events", title="Day", **day)

    _, moved = agent("PATCH", f"/events/{made['id']}", tz="Pacific/Pago_Pago")

    assert (moved["first_day"], moved["last_day"]) == ("2027-03-01", "2027-03-01")
    assert (moved["starts_at"], moved["ends_at"]) == ("2027-03-01T11:00:00Z", "2027-03-02T11:00:00Z")


def test_event_is_published_moved_and_called_off_with_its_history(agent: Api) -> None:
    _, made = agent("POST", "/events", **FAIR)
    path = f"/events/{made['id']}"

    assert agent("POST", f"{path}/publish")[1]["status"] == "CONFIRMED"
    assert agent("PATCH", path, end_date="2027-07-10T20:00:00+02:00")[1]["ends_at"] == "2027-07-10T18:00:00Z"
    assert agent("POST", f"{path}/cancel")[1]["status"] == "CANCELLED"

    assert [(line["kind"], line["actor"]) for line in agent("GET", f"{path}/history")[1]] == [
        ("created", "token test"),
        ("published", "token test"),
        ("moved", "token test"),
        ("cancelled", "token test"),
    ]


@pytest.mark.parametrize(
    ("made", "verb", "sentence"),
    [
        ({}, "publish", "Fair is CONFIRMED: only an event that is CANCELLED or DRAFT can be published."),
        (
            {"starts_in": -9},
            "cancel",
            f"Fair is COMPLETED: {CANCEL}",
        ),
        ({"status": "DRAFT"}, "cancel", f"Fair is DRAFT: {CANCEL}"),
    ],
)
def test_what_the_status_forbids_is_refused(
    agent: Api, organisation: Organisation, made: dict[str, object], verb: str, sentence: str
) -> None:
    """By what the event is now, though no worker has written it down."""
    event = EventFactory(organisation=organisation, title="Fair", **made)

    assert agent("POST", f"/events/{event.pk}/{verb}") == (409, {"detail": sentence})


def test_draft_is_deleted_and_a_published_event_is_not(agent: Api, organisation: Organisation) -> None:
    draft = EventFactory(organisation=organisation, status=Status.DRAFT, title="Idea")
    event = EventFactory(organisation=organisation, title="Fair")

    assert agent("DELETE", f"/events/{draft.pk}")[0] == 204
    assert agent("DELETE", f"/events/{event.pk}")[0] == 409
    assert list(Event.objects.all()) == [event]
    assert Audit.objects.get().data == {"title": "Idea"}


def test_archived_event_is_kept_as_it_is(agent: Api, organisation: Organisation) -> None:
    event = EventFactory(organisation=organisation, status=Status.COMPLETED, archived_at=database_now())

    assert agent("PATCH", f"/events/{event.pk}", title="Again")[0] == 409


def test_ended_event_that_is_moved_to_later_is_open_again(agent: Api, organisation: Organisation) -> None:
    event = EventFactory(organisation=organisation, starts_in=-9)
    services.events_move_on()
    later = (database_now() + timedelta(hours=1)).isoformat()

    _, moved = agent("PATCH", f"/events/{event.pk}", end_date=later)

    assert (moved["status"], moved["completed_at"]) == ("ONGOING", None)


def test_my_events_show_ended_ones_unless_they_are_filtered_out(viewer: Api, organisation: Organisation) -> None:
    """By what they are now: no worker has run."""
    for title, hours in (("over", -9), ("on", -1), ("to come", 24)):
        EventFactory(organisation=organisation, title=title, starts_in=hours)
    EventFactory(title="of others")
    EventFactory(organisation=organisation, title="old", status=Status.COMPLETED, archived_at=database_now())

    assert titles(viewer("GET", "/events")) == ["to come", "on", "over"]
    assert titles(viewer("GET", "/events?ended=false")) == ["to come", "on"]
    assert titles(viewer("GET", "/events?ended=true")) == ["over"]
    assert titles(viewer("GET", "/events?status=ONGOING")) == ["on"]
    assert titles(viewer("GET", "/events?archived=true")) == ["old"]


def test_pages_follow_each_other_also_where_events_begin_together(viewer: Api, organisation: Organisation) -> None:
    at = datetime(2027, 3, 1, tzinfo=UTC)
    for n in range(5):
        EventFactory(organisation=organisation, title=str(n), starts_at=at + timedelta(days=n // 3))

    seen, cursor = [], ""
    while cursor is not None:
        page = viewer("GET", f"/events?limit=2{cursor and f'&cursor={cursor}'}")
        seen, cursor = seen + titles(page), page[1]["next_cursor"]

    assert seen == ["4", "3", "2", "1", "0"]


def test_why_is_what_the_run_will_do(agent: Api, organisation: Organisation, schedule: None) -> None:
    event = EventFactory(organisation=organisation)

    _, why = agent("GET", f"/events/{event.pk}/why")

    assert (why["what"], why["by_schedule"]) == ("start", "Mark Ended Events as Completed")
    assert why["why"] == f"Begins on {event.starts_at:%Y-%m-%d %H:%M} UTC."
    assert timedelta() < datetime.fromisoformat(why["at"]) - event.starts_at <= timedelta(minutes=5)


def test_preview_says_what_the_next_run_takes_of_the_caller_alone(
    viewer: Api, organisation: Organisation, schedule: None
) -> None:
    event = EventFactory(organisation=organisation, title="Fair", starts_in=-9)
    EventFactory(starts_in=-9)

    status, preview = viewer("GET", "/events/preview")

    assert (status, preview["count"]) == (200, 1)
    assert (preview["rows"][0]["subject"], preview["rows"][0]["what"]) == (
        f"events.event:{event.pk}",
        "Complete 'Fair' of harbour",
    )


def test_preview_without_a_schedule_says_so(viewer: Api) -> None:
    assert viewer("GET", "/events/preview")[0] == 409


def test_address_registers_once_in_any_case_of_letters_and_may_withdraw(agent: Api, organisation: Organisation) -> None:
    path = f"/events/{EventFactory(organisation=organisation).pk}"

    one, two = (agent("POST", f"{path}/register", email=email)[1] for email in ("Ada@example.org", "ada@EXAMPLE.org"))
    assert one == two
    assert agent("POST", f"{path}/unregister", email="ADA@example.org")[1]["state"] == "withdrawn"
    assert agent("POST", f"{path}/register", email="ada@example.org")[1]["state"] == "registered"
    assert [row["email"] for row in agent("GET", f"{path}/registrations")[1]] == ["Ada@example.org"]
    assert agent("POST", f"{path}/unregister", email="bob@example.org")[0] == 404


@pytest.mark.parametrize("fields", [{"starts_in": -9}, {"status": Status.CANCELLED}, {"status": Status.DRAFT}])
def test_nobody_registers_for_what_is_not_open(
    agent: Api, organisation: Organisation, fields: dict[str, object]
) -> None:
    event = EventFactory(organisation=organisation, **fields)

    assert agent("POST", f"/events/{event.pk}/register", email="ada@example.org")[0] == 409
    assert Registration.objects.count() == 0


def test_reminder_is_a_row_that_moves_with_the_event(agent: Api, organisation: Organisation) -> None:
    path = f"/events/{EventFactory(organisation=organisation, starts_at='2027-07-10T10:00Z', lasts=None).pk}"

    assert agent("POST", f"{path}/reminders", minutes_before=60)[1]["due_at"] == "2027-07-10T09:00:00Z"
    assert agent("POST", f"{path}/reminders", minutes_before=60)[0] == 409
    assert agent("POST", f"{path}/reminders", minutes_before=90, template="$nobody")[0] == 422
    agent("PATCH", path, starts_at="2027-07-11T10:00:00Z")
    (reminder,) = agent("GET", f"{path}/reminders")[1]
    assert (reminder["due_at"], reminder["minutes_before"]) == ("2027-07-11T09:00:00Z", 60)
    assert agent("DELETE", f"{path}/reminders/{reminder['id']}")[0] == 204
    assert agent("DELETE", f"{path}/reminders/{reminder['id']}")[0] == 404


def test_another_organisations_event_is_not_there(agent: Api) -> None:
    reminder = ReminderFactory()
    path = f"/events/{reminder.event.pk}"
    asked = [("GET", ""), ("GET", "/why"), ("GET", "/history"), ("GET", "/registrations"), ("GET", "/reminders")]
    changed = [("DELETE", ""), ("POST", "/publish"), ("POST", "/cancel"), ("DELETE", f"/reminders/{reminder.pk}")]

    assert {agent(method, path + rest)[0] for method, rest in asked + changed} == {404}
    assert agent("PATCH", path, title="Mine")[0] == 404
    assert agent("POST", f"{path}/register", email="ada@example.org")[0] == 404


def test_viewer_reads_events_but_neither_addresses_nor_writes(
    viewer: Api, agent: Api, organisation: Organisation
) -> None:
    registration = RegistrationFactory(event=EventFactory(organisation=organisation))
    path = f"/events/{registration.event.pk}"

    assert viewer("GET", path)[0] == 200
    refused = [("GET", "/registrations"), ("POST", "/publish"), ("POST", "/cancel"), ("DELETE", "")]
    assert {viewer(method, path + rest)[0] for method, rest in refused} == {403}
    assert viewer("POST", "/events", **FAIR)[0] == 403
    assert agent("GET", f"{path}/registrations")[1][0]["email"] == registration.email


def test_zone_that_only_postgresql_does_not_know_is_refused_in_a_sentence(organisation: Organisation) -> None:
    """The two bring their own lists of zones."""
    with pytest.raises(RefusedError, match='PostgreSQL refuses a value: time zone "Mars/Base"'):
        services.event_create(
            organisation=organisation,
            by=Operator("eve"),
            title="Fair",
            tz="Mars/Base",
            all_day=True,
            starts_at=database_now(),
        )
