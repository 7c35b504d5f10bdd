"""A reminder's mail that still waits while its event changes tells what holds when it leaves; nobody gets two."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from apps.events import services
from apps.events.models import Event, Reminder
from apps.events.tasks import send_event_reminder_emails
from apps.events.tests.factories import EventFactory, RegistrationFactory, ReminderFactory
from core.audit.services import Operator
from core.clock import database_now
from core.effects.enums import EffectState
from core.effects.models import Effect
from core.effects.services.deliver import effects_deliver
from core.organisations.enums import Role
from core.organisations.models import Organisation
from core.organisations.tests.calling import api_for
from tests.waiting import poll

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADA, BOB = "ada@example.org", "bob@example.org"


def reminded(**fields: object) -> Event:
    """Make an event that begins in 20 hours and whose reminder of the day before was sent to Ada and Bob."""
    event = EventFactory(starts_in=20, **fields)
    for email in (ADA, BOB):
        RegistrationFactory(event=event, email=email)
    ReminderFactory(event=event, offset=DAY)
    assert services.reminders_send() == 1
    return event


def edit(event: Event, **fields: Any) -> None:
    services.event_edit(organisation=event.organisation, event_id=event.pk, by=Operator("eve"), **fields)


def waiting() -> list[tuple[str, str]]:
    """Return recipient and text of each mail that waits."""
    mails = Effect.objects.filter(state=EffectState.PENDING).order_by("id")
    return [(mail.payload["to"][0], mail.payload["text"]) for mail in mails]


@pytest.mark.parametrize(
    ("change", "told"),
    [({"title": "Feast"}, "Feast begins on"), ({"place": "Pier 4"}, "Pier 4"), ({"tz": "Asia/Tokyo"}, "Tokyo")],
)
def test_mail_that_waits_says_what_was_changed(change: dict[str, str], told: str) -> None:
    event = reminded()

    edit(event, **change)
    assert waiting() == []
    services.reminders_send()

    assert [(to, told in text) for to, text in waiting()] == [(ADA, True), (BOB, True)]


def test_mail_that_waits_is_asked_for_at_the_reminders_new_time() -> None:
    event = reminded()

    edit(event, starts_at=event.starts_at + 9 * DAY, end_date=event.end_date + 9 * DAY)

    assert (services.reminders_send(), waiting()) == (0, [])
    assert services.reminders_send(now=event.starts_at + 8 * DAY + HOUR) == 1
    assert [to for to, _ in waiting()] == [ADA, BOB]


def test_who_has_got_the_mail_or_is_being_sent_it_gets_no_other() -> None:
    event = reminded()
    RegistrationFactory(event=event, email="eve@example.org")
    ada, bob = Effect.objects.order_by("id")
    Effect.objects.filter(pk=ada.pk).update(state=EffectState.SENT)
    Effect.objects.filter(pk=bob.pk).update(claimed_at=database_now())

    edit(event, title="Feast")

    assert (services.reminders_send(), Effect.objects.count()) == (0, 2)


def test_only_who_lost_the_mail_is_asked_for_anew() -> None:
    event = reminded()
    Effect.objects.filter(payload__to=[ADA]).update(state=EffectState.SENT)

    edit(event, title="Feast")
    services.reminders_send()

    assert [to for to, _ in waiting()] == [BOB]


@pytest.mark.parametrize("change", [{"description": "Bring a glass."}, {"is_public": True}, {"contact": ADA}])
def test_change_of_which_the_mail_says_nothing_leaves_it_alone(change: dict[str, object]) -> None:
    event = reminded()
    before = list(Effect.objects.values_list("pk", "state"))

    edit(event, **change)

    assert (list(Effect.objects.values_list("pk", "state")), services.reminders_send()) == (before, 0)


def test_event_that_is_published_again_reminds_whom_calling_it_off_has_spared() -> None:
    event = reminded()
    named = {"organisation": event.organisation, "event_id": event.pk, "by": Operator("eve")}

    services.event_cancel(**named)
    assert (services.reminders_send(), waiting()) == (0, [])
    services.event_publish(**named)

    assert services.reminders_send() == 1
    assert [to for to, _ in waiting()] == [ADA, BOB]


@pytest.mark.django_db(transaction=True)
def test_change_waits_for_the_run_that_is_sending_and_finds_its_mails() -> None:
    event = EventFactory(starts_in=20)
    RegistrationFactory(event=event, email=ADA)
    ReminderFactory(event=event, offset=DAY)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            services.reminders_send()
            changing = pool.submit(_edit_and_disconnect, event)
            poll(_somebody_waits, what="the change waits for the run", every=0.05)
        changing.result(timeout=30)

    assert (waiting(), Reminder.objects.get().sent_at) == ([], None)


def _edit_and_disconnect(event: Event) -> None:
    try:
        edit(event, title="Feast")
    finally:
        connection.close()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_in_the_morning_one_mail_arrives_and_tells_the_new_time(work, mailbox) -> None:
    """The run goes through the queue, the event is moved over HTTP while the mails wait for the end of the night."""
    now = database_now()
    event = EventFactory(starts_in=20, tz="UTC")
    asleep = {"tz": "UTC", "quiet_from": (now - HOUR).time(), "quiet_until": (now + HOUR).time()}
    Organisation.objects.filter(pk=event.organisation_id).update(**asleep)
    RegistrationFactory(event=event, email=ADA)
    ReminderFactory(event=event, offset=DAY)
    with work():
        send_event_reminder_emails.delay().get(timeout=30)
        assert effects_deliver() == {}
        later = event.starts_at + 2 * HOUR
        times = {"starts_at": later.isoformat(), "end_date": (later + HOUR).isoformat()}
        assert api_for(event.organisation, Role.AGENT)("PATCH", f"/events/{event.pk}", **times)[0] == 200
        send_event_reminder_emails.delay().get(timeout=30)
    assert effects_deliver() == {}

    Organisation.objects.update(quiet_from=None, quiet_until=None)
    Effect.objects.update(not_before=database_now())
    effects_deliver()
    effects_deliver()

    assert mailbox.recipients == [[ADA]]
    assert f"{later:%H:%M} (UTC)" in mailbox.mails[0]["Subject"]
