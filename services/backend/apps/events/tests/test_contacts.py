"""Whoever is named as an event's contact is told that it has ended: once, and only if it has."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.events import services
from apps.events.enums import Status
from apps.events.services import TRANSITION
from apps.events.tasks import mark_ended_events_as_completed
from apps.events.tests.factories import EventFactory, status
from core.audit.services import Operator
from core.clock import database_now
from core.effects.enums import EffectState
from core.effects.models import Effect
from core.effects.services.deliver import effects_deliver
from core.organisations.tests.calling import Api
from core.runs.enums import State
from core.runs.models import Run, RunItem
from core.sweep.declaration import Sweep
from core.sweep.services.run import sweep_run
from core.sweep.services.undo import changes_undo

pytestmark = pytest.mark.django_db

ADA = "ada@example.org"
DAY = timedelta(days=1)
BY = Operator("eve")


def states() -> list[str]:
    return list(Effect.objects.order_by("id").values_list("state", flat=True))


def test_contact_is_told_in_the_transaction_that_completes(at_work) -> None:
    run = at_work(name=mark_ended_events_as_completed.name)
    event = EventFactory(starts_in=-5, contact=ADA, title="Fair", place="Pier 4")

    assert services.events_move_on() == 1

    mail = Effect.objects.get()
    assert (mail.payload["to"], mail.payload["subject"]) == ([ADA], "Fair has ended")
    assert f"ended on {event.end_date:%A %d %B %Y}" in mail.payload["text"] and "Pier 4" in mail.payload["text"]
    assert (mail.run_id, mail.organisation, mail.created_at) == (run.id, event.organisation, event.history.get().at)


def test_nobody_is_told_of_what_begins_or_names_no_contact() -> None:
    EventFactory(starts_in=-1, lasts=5, contact=ADA)
    EventFactory(starts_in=-5)

    assert services.events_move_on() == 1
    assert states() == []


def queries_of_completing(many: int, sweep: Sweep = TRANSITION, **fields: object) -> int:
    EventFactory.create_batch(many, starts_in=-5, **fields)
    with CaptureQueriesContext(connection) as asked:
        assert sweep_run(sweep=sweep).changed == many
    return len(asked)


def test_events_without_a_contact_cost_no_query() -> None:
    assert queries_of_completing(3) == queries_of_completing(3, replace(TRANSITION, then=None))


def test_many_contacts_cost_as_many_queries_as_one() -> None:
    assert queries_of_completing(1, contact=ADA) == queries_of_completing(20, contact=ADA)


def test_contact_to_whom_no_mail_can_go_holds_up_neither_the_event_nor_the_others(at_work) -> None:
    run = at_work(name=mark_ended_events_as_completed.name)
    bad, good = EventFactory(starts_in=-5, contact="nobody at all"), EventFactory(starts_in=-5, contact=ADA)

    assert services.events_move_on() == 2

    assert (status(bad), status(good)) == (Status.COMPLETED, Status.COMPLETED)
    assert [mail.payload["to"] for mail in Effect.objects.all()] == [[ADA]]
    assert list(RunItem.objects.filter(run=run).values_list("subject", "outcome", "error")) == [
        (f"events.contact:{bad.pk}", "failed", "The payload's address 'nobody at all' is not an e-mail address.")
    ]


def test_undo_takes_the_mail_back_and_the_next_run_asks_for_it_again(at_work) -> None:
    EventFactory(starts_in=-5, contact=ADA)
    run = at_work(name=mark_ended_events_as_completed.name)
    services.events_move_on()
    at_work(name="sweep.undo_run")

    changes_undo(run_id=run.id)
    assert states() == [EffectState.DROPPED]

    services.events_move_on()
    assert states() == [EffectState.DROPPED, EffectState.PENDING]


def test_who_was_told_is_not_told_again_by_a_run_that_repeats_it(at_work) -> None:
    EventFactory(starts_in=-5, contact=ADA)
    run = at_work(name=mark_ended_events_as_completed.name)
    services.events_move_on()
    Effect.objects.update(state=EffectState.SENT)
    at_work(name="sweep.undo_run")

    changes_undo(run_id=run.id)
    services.events_move_on()

    assert states() == [EffectState.SENT]


def test_event_that_is_moved_to_later_has_not_ended_and_is_told_of_when_it_has() -> None:
    event = EventFactory(starts_in=-5, contact=ADA)
    services.events_move_on()
    named = {"organisation": event.organisation, "event_id": event.pk, "by": BY}

    services.event_edit(**named, title="Still over")
    assert states() == [EffectState.PENDING]
    services.event_edit(**named, end_date=database_now() + DAY)
    assert states() == [EffectState.DROPPED]

    services.events_move_on(now=database_now() + 2 * DAY)
    assert states() == [EffectState.DROPPED, EffectState.PENDING]


def test_contact_is_set_and_shown_to_those_who_work_with_the_event_and_not_to_the_public(agent: Api) -> None:
    _, made = agent("POST", "/events", title="Fair", starts_at="2099-06-01T10:00:00Z", is_public=True, contact=ADA)
    one = f"/events/{made['id']}"
    agent("POST", f"{one}/publish")

    assert (made["contact"], agent("PATCH", one, contact="nobody")[0]) == (ADA, 422)
    assert "contact" not in agent("GET", "/events/public")[1]["items"][0]
    assert agent("PATCH", one, contact="")[1]["contact"] == ""


@pytest.mark.django_db(transaction=True)
def test_mail_arrives_once_when_the_run_has_been_through_the_queue(work, mailbox) -> None:
    EventFactory(starts_in=-5, contact=ADA, title="Fair")
    EventFactory(starts_in=-5, contact="nobody at all")

    asked = mark_ended_events_as_completed.delay()
    with work():
        assert asked.get(timeout=30) == 2
    effects_deliver()
    effects_deliver()

    run = Run.objects.get(id=asked.id)
    assert (run.state, run.changed, run.failed) == (State.PARTIAL, 2, 1)
    assert (mailbox.recipients, mailbox.mails[0]["Subject"]) == ([[ADA]], "Fair has ended")
