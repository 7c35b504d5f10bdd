"""A reminder is a row that moves with its event, and one mail for each who is registered: once."""

from datetime import timedelta

import pytest
from django.db.models import F

from apps.events import services
from apps.events.enums import RegistrationState, Status
from apps.events.models import Event, Registration, Reminder
from apps.events.services.reminders import PAGE
from apps.events.tasks import send_event_reminder_emails
from apps.events.tests.factories import EventFactory, RegistrationFactory, ReminderFactory
from core.audit.services import Operator
from core.clock import database_now
from core.effects.enums import EffectState
from core.effects.models import Effect
from core.effects.services.deliver import effects_deliver
from core.organisations.models import Organisation
from core.runs.models import RunItem
from core.runs.running import running

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
BY = Operator("eve")


def due_reminder(**fields: object) -> Reminder:
    """Make a reminder of the day before, for an event that begins in 20 hours."""
    return ReminderFactory(event=EventFactory(starts_in=20, **fields), offset=24 * HOUR)


def asked() -> list[list[str]]:
    return [effect.payload["to"] for effect in Effect.objects.order_by("id")]


def test_everybody_who_is_registered_gets_one_mail() -> None:
    reminder = due_reminder(title="Fair", place="Pier 4", tz="Europe/Berlin")
    for email in ("ada@example.org", "bob@example.org"):
        RegistrationFactory(event=reminder.event, email=email)
    RegistrationFactory(event=reminder.event, state=RegistrationState.WITHDRAWN)

    assert send_event_reminder_emails() == 1

    assert asked() == [["ada@example.org"], ["bob@example.org"]]
    payload = Effect.objects.latest("id").payload
    assert payload["subject"].startswith("Fair: ") and payload["subject"].endswith("(Europe/Berlin)")
    assert "Pier 4" in payload["text"]


def test_reminder_that_is_not_due_waits() -> None:
    RegistrationFactory(event=ReminderFactory().event)

    assert services.reminders_send() == 0
    assert asked() == []


def test_nobody_is_reminded_twice_though_the_event_moves_twice_afterwards() -> None:
    reminder = due_reminder()
    RegistrationFactory(event=reminder.event, email="Ada@Example.org")
    assert services.reminders_send() == 1

    for _ in range(2):
        Event.objects.update(starts_at=F("starts_at") + 48 * HOUR, end_date=F("end_date") + 48 * HOUR)
        assert services.reminders_send(now=database_now() + 30 * 24 * HOUR) == 0

    assert len(asked()) == 1


def test_worker_that_died_after_asking_or_a_reminder_made_anew_asks_for_nothing_new() -> None:
    reminder = due_reminder()
    RegistrationFactory(event=reminder.event, email="Ada@Example.org")
    services.reminders_send()
    event, offset = reminder.event, reminder.offset
    services.reminder_remove(organisation=event.organisation, event_id=event.pk, reminder_id=reminder.pk)
    services.reminder_add(organisation=event.organisation, event_id=event.pk, offset=offset)

    assert services.reminders_send() == 1
    assert len(asked()) == 1


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.COMPLETED, Status.DRAFT])
def test_event_that_is_not_open_sends_nothing(status: Status) -> None:
    RegistrationFactory(event=due_reminder(status=status).event)

    assert services.reminders_send() == 0
    assert asked() == []


def test_event_that_has_ended_sends_nothing_though_no_worker_has_completed_it() -> None:
    reminder = ReminderFactory(event=EventFactory(starts_in=-9, lasts=1))
    RegistrationFactory(event=reminder.event)

    assert services.reminders_send() == 0

    reminder.refresh_from_db()
    assert (asked(), reminder.due_at, reminder.sent_at) == ([], None, None)


def test_recipient_to_whom_no_mail_can_go_is_reported_and_the_rest_goes(at_work) -> None:
    run = at_work(name=send_event_reminder_emails.name)
    reminder = due_reminder()
    bad = RegistrationFactory(event=reminder.event, email="nobody at all")
    RegistrationFactory(event=reminder.event, email="ada@example.org")

    assert services.reminders_send() == 1

    assert asked() == [["ada@example.org"]]
    assert (running().changed, running().failed) == (1, 1)
    assert list(RunItem.objects.filter(run=run).values_list("subject", "outcome", "error")) == [
        (
            f"events.registration:{bad.pk}",
            "failed",
            "The payload's address 'nobody at all' is not an e-mail address.",
        )
    ]


def test_reminder_that_cannot_be_written_stops_no_other(at_work) -> None:
    run = at_work(name=send_event_reminder_emails.name)
    bad, good = due_reminder(), due_reminder()
    Reminder.objects.filter(pk=bad.pk).update(template="Hello $nobody")
    for reminder in (bad, good):
        RegistrationFactory(event=reminder.event)

    assert services.reminders_send() == 1

    bad.refresh_from_db()
    assert (len(asked()), bad.sent_at, bad.due_at > database_now()) == (1, None, True)
    item = RunItem.objects.get(run=run)
    assert (item.subject, item.error) == (
        f"events.reminder:{bad.pk}",
        "The template names $nobody: it may name $title, $start, $place.",
    )
    Reminder.objects.filter(pk=bad.pk).update(template="Hello: $title")
    at_work(name=send_event_reminder_emails.name)
    assert services.reminders_send(failed_of=str(run.id)) == 1


def test_mail_that_still_waits_does_not_leave_for_a_cancelled_event() -> None:
    reminder = due_reminder()
    RegistrationFactory(event=reminder.event)
    services.reminders_send()

    services.event_cancel(organisation=reminder.event.organisation, event_id=reminder.event.pk, by=BY)

    assert [effect.state for effect in Effect.objects.all()] == [EffectState.DROPPED]


def test_mail_that_still_waits_does_not_leave_for_who_withdrew() -> None:
    reminder = due_reminder()
    for email in ("ada@example.org", "bob@example.org"):
        RegistrationFactory(event=reminder.event, email=email)
    services.reminders_send()

    named = {"organisation": reminder.event.organisation, "event_id": reminder.event.pk}
    services.registration_withdraw(**named, email="ADA@example.org")

    assert [effect.payload["to"] for effect in Effect.objects.filter(state=EffectState.PENDING)] == [
        ["bob@example.org"]
    ]


def test_quiet_hours_put_a_reminder_off_but_not_until_it_is_too_late() -> None:
    """Quiet from an hour ago until five hours from now, local time: one event begins before that, one after."""
    now = database_now()
    for starts_in in (2, 10):
        event = EventFactory(starts_in=starts_in)
        Organisation.objects.filter(pk=event.organisation_id).update(
            quiet_from=(now - HOUR).time(), quiet_until=(now + 5 * HOUR).time()
        )
        RegistrationFactory(event=ReminderFactory(event=event, offset=24 * HOUR).event)

    assert services.reminders_send(now=now + timedelta(seconds=1)) == 2

    soon, later = Effect.objects.order_by("id")
    assert (soon.urgent, later.urgent) == (True, False)
    assert (soon.not_before, later.not_before) == (now, now + 5 * HOUR)


def test_more_recipients_than_a_page_each_get_theirs() -> None:
    reminder = due_reminder()
    Registration.objects.bulk_create(
        Registration(event=reminder.event, email=f"guest{n}@example.org") for n in range(PAGE + 3)
    )

    services.reminders_send()

    assert len({address for (address,) in asked()}) == Effect.objects.count() == PAGE + 3


@pytest.mark.django_db(transaction=True)
def test_mail_arrives_once_at_a_real_server(mailbox) -> None:
    reminder = due_reminder(title="Fair")
    RegistrationFactory(event=reminder.event, email="ada@example.org")
    Event.objects.update(starts_at=F("starts_at") + HOUR, end_date=F("end_date") + HOUR)
    services.reminders_send()
    Event.objects.update(starts_at=F("starts_at") + HOUR, end_date=F("end_date") + HOUR)
    services.reminders_send()

    effects_deliver()
    effects_deliver()

    assert mailbox.recipients == [["ada@example.org"]]
