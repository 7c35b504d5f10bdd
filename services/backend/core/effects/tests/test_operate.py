"""Operators replay and drop, on record; old rows are forgotten; counts tell what waits."""

from datetime import timedelta

import pytest

from core.audit.models import Audit
from core.audit.services import Operator
from core.clock import database_now
from core.effects.checks import webhook_secret_is_usable
from core.effects.enums import EffectState
from core.effects.errors import EffectRefusedError
from core.effects.models import Effect
from core.effects.selectors import effects_blocked, effects_counts, effects_dead, effects_oldest_due
from core.effects.services.deliver import effects_deliver
from core.effects.services.operate import effect_drop, effect_replay
from core.effects.services.retention import effects_forget
from core.effects.tests.factories import hook, mail
from core.organisations.tests.factories import OrganisationFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]
ADA = Operator("ada")


def put(effect: Effect, **values) -> Effect:
    Effect.objects.filter(id=effect.id).update(**values)
    effect.refresh_from_db()
    return effect


def test_a_dead_letter_arrives_when_it_is_replayed(receiver):
    receiver.answers = [(404, {}), (204, {})]
    effect = hook(receiver.url)
    effects_deliver()
    replayed = effect_replay(effect=effect, operator=ADA)
    assert (replayed.state, replayed.attempts) == (EffectState.PENDING, 0)
    assert effects_deliver() == {"sent": 1}

    [row] = Audit.objects.all()
    assert (row.verb, row.actor_name, row.subject) == ("effect.replay", "ada", f"effects.effect:{effect.id}")
    assert "404" in row.data["error"]


def test_a_replay_is_asked_for_at_once(broker):
    effect = put(mail(), state=EffectState.DEAD)
    broker.flushdb()
    effect_replay(effect=effect, operator=ADA)

    assert broker.llen("email_queue") == 1


def test_what_is_dropped_never_leaves(receiver):
    effect = effect_drop(effect=hook(receiver.url), operator=ADA)

    assert (effects_deliver(), receiver.calls, effect.state) == ({}, [], EffectState.DROPPED)
    assert Audit.objects.get().verb == "effect.drop"


@pytest.mark.parametrize(
    ("verb", "state", "why"),
    [
        (effect_replay, EffectState.SENT, "This effect is SENT: only DEAD is replayed."),
        (effect_replay, EffectState.PENDING, "This effect is PENDING: only DEAD is replayed."),
        (effect_drop, EffectState.SENT, "This effect is SENT: only DEAD or PENDING is dropped."),
    ],
)
def test_what_the_state_forbids_is_refused_and_leaves_no_audit(verb, state, why):
    with pytest.raises(EffectRefusedError, match=why):
        verb(effect=put(mail(), state=state), operator=ADA)

    assert Audit.objects.count() == 0


def test_what_is_just_being_sent_is_not_dropped():
    with pytest.raises(EffectRefusedError, match="is being sent at this moment"):
        effect_drop(effect=put(mail(), claimed_at=database_now()), operator=ADA)


def test_what_left_long_ago_is_forgotten_and_what_waits_is_not(settings):
    settings.RUN_RETENTION_DAYS, settings.RUN_FAILED_RETENTION_DAYS = 30, 90
    ages = [(state, days) for state in EffectState for days in (31, 91)]
    for state, days in ages:
        then = database_now() - timedelta(days=days)
        put(mail(), state=state, created_at=then, not_before=then)
    recent = put(mail(), state=EffectState.SENT, created_at=database_now() - timedelta(days=99))

    assert effects_forget() == 5
    left = set(Effect.objects.exclude(id=recent.id).values_list("state", flat=True))
    assert left == {EffectState.PENDING, EffectState.DEAD}


def test_counts_are_of_every_state_and_bounded(monkeypatch):
    monkeypatch.setattr("core.effects.selectors.COUNT_LIMIT", 2)
    for _ in range(3):
        mail()
    put(mail(), state=EffectState.DEAD)

    assert effects_counts() == {"PENDING": 2, "SENT": 0, "DEAD": 1, "DROPPED": 0}


def test_dead_letters_are_of_the_organisation_that_asks():
    ours, theirs = OrganisationFactory(), OrganisationFactory()
    dead = put(mail(organisation=ours), state=EffectState.DEAD)
    put(mail(organisation=theirs), state=EffectState.DEAD)

    assert list(effects_dead(ours)) == [dead]
    assert effects_dead().count() == 2


def test_it_says_which_channel_waits_for_which_setting(settings):
    settings.EMAIL_HOST = ""
    effect = mail()

    assert effects_blocked() == {"mail": ("EMAIL_HOST is not set: mail waits until it names an SMTP server.", 1)}
    assert effects_oldest_due() == effect.not_before


def test_people_do_not_see_secrets():
    effect = hook("https://example.org/", body={"token": "abc", "number": 1})

    assert effect.shown_payload["body"] == {"token": "[hidden]", "number": 1}


def test_a_secret_that_cannot_be_used_is_found_by_check(settings):
    settings.WEBHOOK_SECRET = "whsec_not base64"

    assert [message.id for message in webhook_secret_is_usable()] == ["effects.E001"]
