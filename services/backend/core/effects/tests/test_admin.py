"""The pages of effects: dead letters are found, explained, replayed or dropped; secrets stay hidden."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from core.audit.models import Audit
from core.clock import database_now
from core.effects.enums import EffectState
from core.effects.models import Effect

pytestmark = pytest.mark.django_db
LIST = reverse("admin:effects_effect_changelist")


def effect_make(state: EffectState = EffectState.DEAD, key: str = "a", **fields: Any) -> Effect:
    values = {"channel": "webhook", "payload": {"url": "https://example.org", "token": "hunter2"}, "policy": "net"}
    return Effect.objects.create(state=state, dedupe_key=key, not_before=database_now(), **(values | fields))


def page(effect: Effect) -> str:
    return reverse("admin:effects_effect_change", args=[effect.pk])


def operate(client: Client, effect: Effect, verb: str, **more: str) -> str:
    address = reverse("admin:effects_effect_operate", args=[effect.pk])
    return client.post(address, {"verb": verb, **more}, follow=True).content.decode()


def listed(client: Client, **narrowed: str) -> list[str]:
    return [effect.dedupe_key for effect in client.get(LIST, narrowed).context["cl"].result_list]


def test_list_finds_dead_letters_and_one_by_its_key(admin: Client, django_assert_max_num_queries) -> None:
    effect_make(EffectState.SENT, "sent")
    effect_make(EffectState.DEAD, "dead")

    assert (listed(admin, state="DEAD"), listed(admin, q="sent"), len(listed(admin))) == (["dead"], ["sent"], 2)
    with django_assert_max_num_queries(7):
        admin.get(LIST)


def test_an_empty_list_says_what_comes_here(admin: Client) -> None:
    assert "Nothing was to leave yet" in admin.get(LIST).content.decode()


def test_page_says_why_it_died_and_hides_secrets(admin: Client) -> None:
    text = admin.get(page(effect_make(error="404 Not Found"))).content.decode()

    assert ("404 Not Found" in text, "then replay it" in text, "hunter2" in text) == (True, True, False)


def test_a_dead_letter_is_replayed_in_the_name_of_who_is_signed_in(admin: Client) -> None:
    effect = effect_make()

    assert "Is sent again" in operate(admin, effect, "replay")
    effect.refresh_from_db()
    assert effect.state == EffectState.PENDING
    assert list(Audit.objects.values_list("verb", "actor_name")) == [("effect.replay", "admin")]


def test_dropping_asks_before(admin: Client) -> None:
    effect = effect_make()

    assert "It never leaves then." in operate(admin, effect, "drop")
    assert "Dropped" in operate(admin, effect, "drop", sure="yes")
    assert Effect.objects.get().state == EffectState.DROPPED


def test_a_refusal_is_told_in_the_service_s_words(admin: Client) -> None:
    assert "only DEAD is replayed" in operate(admin, effect_make(EffectState.SENT), "replay")


def test_many_are_replayed_at_once(admin: Client) -> None:
    effects = [effect_make(key=key) for key in "abc"]

    chosen = {"action": "replay_selected", "_selected_action": [effect.pk for effect in effects]}
    text = admin.post(LIST, chosen, follow=True).content.decode()

    assert "Is sent again: 3 of them." in text


def test_who_may_only_look_is_allowed_nothing(client: Client) -> None:
    user = User.objects.create_user("looker", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_effect"))
    client.force_login(user)
    effect = effect_make()

    assert client.get(page(effect)).status_code == 200
    assert client.post(reverse("admin:effects_effect_operate", args=[effect.pk]), {"verb": "drop"}).status_code == 403
