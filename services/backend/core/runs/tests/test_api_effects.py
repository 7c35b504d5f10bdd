"""Effects that could not be sent are dead letters, too: listed, replayed and dropped, each for its own organisation."""

import pytest

from core.audit.models import Audit
from core.clock import database_now
from core.effects.enums import EffectState
from core.effects.models import Effect
from core.organisations.enums import Role
from core.organisations.tests.factories import OrganisationFactory
from core.runs.tests.calling import token_caller

pytestmark = pytest.mark.django_db
ACTS = {"replay": (Role.AGENT, EffectState.PENDING), "drop": (Role.OWNER, EffectState.DROPPED)}


def effect_make(organisation, state=EffectState.DEAD) -> Effect:
    return Effect.objects.create(
        organisation=organisation,
        channel="mail",
        dedupe_key=f"test {Effect.objects.count()}",
        payload={"to": "eve@example.org", "password": "x"},
        state=state,
        not_before=database_now(),
        policy="mail",
        max_attempts=6,
        error="No such mailbox.",
    )


def test_only_the_dead_are_listed_without_secrets(viewer, organisation):
    dead = effect_make(organisation)
    effect_make(organisation, EffectState.SENT)

    (row,) = viewer("GET", "/dead-letters/effects").json()["items"]

    assert (row["id"], row["error"], row["state"]) == (dead.pk, "No such mailbox.", "DEAD")
    assert row["payload"] == {"to": "eve@example.org", "password": "[hidden]"}


def test_effects_are_paged(viewer, organisation):
    made = [effect_make(organisation).pk for _ in range(3)]

    first = viewer("GET", "/dead-letters/effects?limit=2").json()
    second = viewer("GET", f"/dead-letters/effects?cursor={first['next_cursor']}").json()

    assert [row["id"] for row in first["items"] + second["items"]] == made[::-1]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", list(Role))
def test_who_may_do_what(organisation, act, role):
    needed, after = ACTS[act]
    effect = effect_make(organisation)

    answer = token_caller(organisation, role)("POST", f"/dead-letters/effects/{effect.pk}/{act}")

    allowed = role.allows(needed)
    effect.refresh_from_db()
    assert (answer.status_code, effect.state) == ((200, after) if allowed else (403, EffectState.DEAD))
    assert list(Audit.objects.values_list("verb", flat=True)) == ([f"effect.{act}"] if allowed else [])


@pytest.mark.parametrize("act", ACTS)
def test_what_belongs_to_another_organisation_is_not_there(owner, staff, act):
    foreign, ours = effect_make(OrganisationFactory()), effect_make(None)

    for call, effect in ((owner, foreign), (owner, ours), (staff, foreign)):
        assert call("POST", f"/dead-letters/effects/{effect.pk}/{act}").status_code == 404
    assert owner("GET", "/dead-letters/effects").json()["items"] == []
    assert staff("POST", f"/dead-letters/effects/{ours.pk}/{act}").status_code == 200


def test_what_was_sent_is_not_replayed(owner, organisation):
    sent = effect_make(organisation, EffectState.SENT)

    assert owner("POST", f"/dead-letters/effects/{sent.pk}/replay").status_code == 409


@pytest.mark.parametrize("role", list(Role))
def test_the_dead_are_sent_again_by_one_request_each_on_record(organisation, role):
    dead = [effect_make(organisation) for _ in range(3)]
    effect_make(organisation, EffectState.SENT)

    answer = token_caller(organisation, role)("POST", "/dead-letters/effects/replay", limit=2)

    if not role.allows(Role.AGENT):
        assert (answer.status_code, Audit.objects.count()) == (403, 0)
        return
    assert [row["id"] for row in answer.json()["items"]] == [effect.pk for effect in dead[:2]]
    assert answer.json()["more"] is True
    assert list(Effect.objects.order_by("id").values_list("state", flat=True)) == ["PENDING", "PENDING", "DEAD", "SENT"]
    assert list(Audit.objects.values_list("verb", flat=True)) == ["effect.replay"] * 2


def test_only_the_dead_that_match_and_are_ours_are_sent_again(agent, staff, organisation):
    effect_make(OrganisationFactory())
    mine, ours = effect_make(organisation), effect_make(None)

    found = [
        [row["id"] for row in call("POST", "/dead-letters/effects/replay", **wanted).json()["items"]]
        for call, wanted in (
            (agent, {"channel": "webhook"}),
            (agent, {"until": "2026-01-01T00:00:00Z"}),
            (agent, {"channel": "mail"}),
            (staff, {"limit": 200}),
        )
    ]

    assert found == [[], [], [mine.pk], [ours.pk]]
