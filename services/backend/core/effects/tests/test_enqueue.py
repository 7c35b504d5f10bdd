"""What is to leave is a row in the transaction that wants it, and a message after its commit."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from core.audit.services import Operator
from core.clock import database_now
from core.effects.enums import EffectState
from core.effects.models import Effect
from core.effects.services.enqueue import Draft, effect_enqueue, effects_enqueue, effects_withdraw
from core.effects.services.operate import effect_drop
from core.runs.running import Running, current
from core.runs.tests.factories import run_make

pytestmark = pytest.mark.django_db(transaction=True)

MAIL = {"to": ["ada@example.org"], "subject": "Hello", "text": "Hello, Ada."}
HOOK = {"url": "https://example.org/hook", "body": {"a": 1}}


def mail(key: str = "hello:1", **values) -> Effect:
    return effect_enqueue(channel="mail", payload=MAIL, dedupe_key=key, **values)


def test_the_row_is_there_at_once_and_one_message_after_the_commit(broker):
    with transaction.atomic():
        first, second = mail("a"), mail("b")
        within = broker.llen("email_queue")

    assert (first.state, first.attempts, first.max_attempts, first.policy) == (EffectState.PENDING, 0, 6, "mail")
    assert second.id != first.id
    assert (within, broker.llen("email_queue")) == (0, 1)


def test_what_is_rolled_back_never_was(broker):
    with transaction.atomic():
        mail()
        transaction.set_rollback(True)

    assert (Effect.objects.count(), broker.llen("email_queue")) == (0, 0)


def test_a_savepoint_that_is_rolled_back_does_not_take_the_message_of_the_others_along(broker):
    with transaction.atomic():
        with transaction.atomic():
            mail("a")
            transaction.set_rollback(True)
        mail("b")

    assert [effect.dedupe_key for effect in Effect.objects.all()] == ["b"]
    assert broker.llen("email_queue") == 1


def test_the_same_key_again_is_the_first_one(broker):
    first = mail("same")
    again = effect_enqueue(channel="webhook", payload=HOOK, dedupe_key="same")

    assert (again.id, again.channel, Effect.objects.count()) == (first.id, "mail", 1)


def test_what_was_withdrawn_stays_on_record_and_may_be_asked_for_again():
    long = "k" * 200
    for key in ("same", long):
        mail(key)

    assert [effects_withdraw(["same", long]), effects_withdraw(["same", long])] == [2, 0]

    assert [mail(key).state for key in ("same", long)] == [EffectState.PENDING] * 2
    assert Effect.objects.filter(state=EffectState.DROPPED).count() == 2


def test_what_somebody_is_sending_or_has_dropped_is_not_withdrawn_and_keeps_its_key():
    sending, dropped = mail("a"), mail("b")
    Effect.objects.filter(pk=sending.pk).update(claimed_at=database_now())
    effect_drop(effect=dropped, operator=Operator("eve"))

    assert effects_withdraw(["a", "b"]) == 0
    assert [mail("a").pk, mail("b").pk] == [sending.pk, dropped.pk]


def test_many_are_put_on_record_together(broker, django_assert_max_num_queries):
    drafts = [Draft("mail", MAIL, f"many:{number % 3}") for number in range(6)]
    with django_assert_max_num_queries(5):
        effects = effects_enqueue(drafts)

    assert [effect.dedupe_key for effect in effects] == [draft.dedupe_key for draft in drafts]
    assert Effect.objects.count() == 3


def test_what_is_due_later_sends_no_message_now(broker):
    later = database_now() + timedelta(hours=1)
    effect = mail(not_before=later)

    assert (effect.not_before, broker.llen("email_queue")) == (later, 0)


def test_it_names_the_run_that_asked(broker):
    run = run_make()
    token = current.set(Running(run.id, "tests.ask", 1, 1))
    try:
        effect = mail()
    finally:
        current.reset(token)

    assert effect.run_id == run.id


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"channel": "pigeon"}, "There is no channel 'pigeon': use one of mail, webhook."),
        ({"policy": "often"}, "There is no retry policy 'often'"),
        ({"dedupe_key": ""}, "The dedupe key '' is not accepted"),
        ({"dedupe_key": "a\nb"}, "is not accepted"),
        ({"payload": {"to": [], "subject": "s", "text": "t"}}, "The payload has no 'to'."),
        ({"payload": {**MAIL, "text": ""}}, "neither 'text' nor 'html'"),
        ({"payload": {**MAIL, "subject": "a\nBcc: x@example.org"}}, "more than one line"),
        ({"payload": {**MAIL, "to": ["nobody"]}}, "'nobody' is not an e-mail address"),
        ({"payload": {**MAIL, "to": "ada@example.org"}}, "'to' is a str"),
        ({"payload": {**MAIL, "sender": "x"}}, "'sender', which is not known"),
        ({"channel": "webhook", "payload": {**HOOK, "url": "ftp://example.org"}}, "not an http:// or https://"),
        ({"channel": "webhook", "payload": {**HOOK, "url": "https://a:b@example.org"}}, "without user and password"),
        ({"channel": "webhook", "payload": {"url": "https://example.org"}}, "The payload has no 'body'."),
    ],
)
def test_what_could_never_be_sent_is_refused_where_it_is_asked_for(values, why):
    with pytest.raises(ValueError, match=why):
        effect_enqueue(**{"channel": "mail", "payload": MAIL, "dedupe_key": str(uuid4()), **values})

    assert Effect.objects.count() == 0
