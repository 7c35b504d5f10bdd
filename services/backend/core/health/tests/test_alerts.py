"""People are told by a real mail server and a real webhook: what broke, once, and what is over, once."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from config.queues import SHARED_QUEUES
from core.clock import database_now
from core.effects.enums import EffectState
from core.effects.models import Effect
from core.effects.services.deliver import effects_deliver
from core.effects.tests.receivers import Mailbox, Receiver
from core.health.checks import alert_addresses_are_usable
from core.health.models import Alert
from core.health.services import health_check
from core.heartbeat.models import Heartbeat
from core.runs.enums import State
from core.runs.models import Run

pytestmark = pytest.mark.django_db(transaction=True)
OTHERS = [queue for queue in SHARED_QUEUES if queue != "ml_tasks"]


@pytest.fixture
def mailbox(mailbox, settings) -> Mailbox:
    settings.ALERT_EMAIL = ["ops@example.org"]
    return mailbox


@pytest.fixture
def hook(receiver, settings) -> Receiver:
    settings.ALERT_WEBHOOK = f"{receiver.url}/T0/private"
    return receiver


@pytest.fixture
def broken(well, put) -> Run:
    """A queue that nobody takes; mended by deleting the run."""
    Heartbeat.objects.update(queues=OTHERS)
    return put(queue="ml_tasks")


def later(**ago: float) -> None:
    """Let time pass for what is remembered."""
    then = database_now() - timedelta(**ago)
    Alert.objects.update(seen_at=then, told_at=then)


def test_what_breaks_is_told_once_and_once_that_it_is_over(broken, mailbox, hook):
    assert [health_check(), health_check(), effects_deliver()] == [{"broken": 1}, {}, {"sent": 2}]
    broken.delete()
    later(minutes=10)
    assert [health_check(), health_check(), effects_deliver()] == [{"over": 1}, {}, {"sent": 2}]

    assert [mail["Subject"] for mail in mailbox.mails] == [
        "[Deskbeat] broken: queues, ml_tasks",
        "[Deskbeat] over: queues, ml_tasks",
    ]
    first, second = (json.loads(call.body) for call in hook.calls)
    assert (first["event"], second["event"]) == ("health.broken", "health.over")
    assert first["alert"] == second["alert"]


def test_a_mail_says_what_is_wrong_and_what_to_do(broken, mailbox):
    health_check()
    effects_deliver()

    [mail] = mailbox.mails
    text = mail.get_payload(decode=True).decode().replace("\r\n", "\n")
    assert "BROKEN (error): queues, ml_tasks\n  Queue ml_tasks has no consumer: 1 run waiting" in text
    assert "What to do: docs/runbooks/queue-without-consumer.md" in text


def test_one_mail_tells_all_that_changed_to_each_address(broken, put, mailbox, hook, settings):
    settings.ALERT_EMAIL = ["ops@example.org", "boss@example.org"]
    put(State.FAILED)
    assert health_check() == {"broken": 2}
    effects_deliver()

    assert [mail["Subject"] for mail in mailbox.mails] == ["[Deskbeat] 2 broken"] * 2
    assert sorted(mailbox.recipients) == [["boss@example.org"], ["ops@example.org"]]
    assert {json.loads(call.body)["group"] for call in hook.calls} == {"queues", "runs"}


def test_what_lasts_is_told_again_after_a_day(broken, mailbox):
    health_check()
    later(hours=23)
    assert health_check() == {}
    later(hours=24)

    assert [health_check(), health_check()] == [{"still broken": 1}, {}]


def test_a_task_that_fails_again_and_again_is_one_alert(well, put, mailbox):
    put(State.SUCCEEDED, minutes=50)
    put(State.FAILED, minutes=40)
    assert health_check() == {"broken": 1}
    put(State.FAILED, minutes=20)

    assert health_check() == {}


def test_a_warning_that_becomes_an_error_is_told_again(well, put, mailbox):
    run = put(minutes=11)
    assert health_check() == {"broken": 1}
    Run.objects.filter(id=run.id).update(queued_at=database_now() - timedelta(minutes=61))

    assert [health_check(), health_check()] == [{"broken": 1}, {}]


def test_what_is_gone_for_one_look_only_is_not_over(broken, mailbox):
    health_check()
    Heartbeat.objects.update(queues=[*OTHERS, "ml_tasks"])
    later(minutes=5)
    assert health_check() == {}
    Heartbeat.objects.update(queues=OTHERS)

    assert health_check() == {}


def test_a_database_that_is_being_migrated_hides_what_is_broken_and_ends_nothing(broken, mailbox):
    health_check()
    later(minutes=20)
    applied = MigrationRecorder(connection).migration_qs.filter(app="health")
    [row] = applied
    row.delete()
    try:
        assert health_check() == {"broken": 1}
    finally:
        MigrationRecorder(connection).record_applied("health", row.name)

    assert sorted(Alert.objects.values_list("group", flat=True)) == ["database", "queues"]


def test_nobody_is_told_without_an_address_and_who_comes_later_hears_of_it(broken, mailbox, settings):
    health_check()
    settings.ALERT_EMAIL = []
    assert (health_check(), Alert.objects.count()) == ({}, 0)
    settings.ALERT_EMAIL = ["ops@example.org"]

    assert health_check() == {"broken": 1}


def test_an_alert_that_cannot_be_sent_is_no_flood(well, put, mailbox):
    mailbox.refused["ops@example.org"] = "550 nobody here"
    put(State.HELD)
    sent = Counter[str]()
    for _ in range(4):
        health_check()
        sent += Counter(effects_deliver())

    # The finding, and then that its mail is dead.
    assert sent == {"dead": 2}


def test_the_address_of_the_webhook_is_in_no_row(broken, hook, settings):
    health_check()
    settings.ALERT_WEBHOOK = "http://127.0.0.1:1/T0/private"
    assert effects_deliver() == {"retried": 1}
    effect = Effect.objects.get()
    assert "private" not in f"{effect.payload} {effect.error}"
    settings.ALERT_WEBHOOK = ""
    Effect.objects.update(not_before=database_now())
    effects_deliver()

    effect.refresh_from_db()
    assert (effect.state, effect.error) == (EffectState.DEAD, "ALERT_WEBHOOK is no longer a usable address.")


def test_the_check_names_an_address_that_is_none_and_hides_the_secret_one(settings):
    settings.ALERT_EMAIL, settings.ALERT_WEBHOOK = ["ops"], "https://user:private@example.org/"
    found = alert_addresses_are_usable()

    assert [message.id for message in found] == ["health.E001", "health.W001", "health.E002"]
    assert "private" not in str(found)


def test_a_worker_tells(broken, mailbox, app, work):
    with work():
        app.tasks["health_check_tasks"].delay().get(timeout=30)

    run = Run.objects.get(name="health_check_tasks")
    assert (run.state, run.queue, run.result) == (State.SUCCEEDED, "high_priority", {"broken": 1})
