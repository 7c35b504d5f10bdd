"""Runs are operated through the API: by whom, in which state, once, and on record."""

from uuid import uuid4

import pytest

from core.audit.models import Audit
from core.organisations.enums import Role
from core.organisations.tests.factories import MemberFactory, OrganisationFactory
from core.runs.enums import State
from core.runs.models import Run
from core.runs.tests.calling import session_caller, token_caller
from core.runs.tests.factories import run_make

pytestmark = pytest.mark.django_db

# What it is, in which state it may be done, who may, what it answers.
ACTS = {
    "POST /cancel/{}": (State.QUEUED, Role.AGENT, 200),
    "POST /terminate/{}": (State.RUNNING, Role.OWNER, 200),
    "POST /retry/{}": (State.FAILED, Role.AGENT, 202),
    "POST /dead-letters/{}/replay": (State.LOST, Role.AGENT, 202),
    "POST /approve/{}": (State.HELD, Role.OWNER, 200),
    "POST /reject/{}": (State.HELD, Role.OWNER, 200),
}
# Needs what a sweep left behind; here only who may ask.
SWEPT = {"POST /retry-items/{}": Role.AGENT, "POST /undo/{}": Role.OWNER}
READS = ("GET /status/{}", "GET /{}/items")


def do(call, act: str, run_id, **headers: str):
    method, _, path = act.partition(" ")
    return call(method, path.format(run_id), headers)


def run_for(act: str, **fields) -> Run:
    """Make a run to which this may be done."""
    asked = {"cancel_requested_at": "2026-11-21T12:00Z"} if "terminate" in act else {}
    return run_make(ACTS[act][0], **asked, **fields)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", list(Role))
def test_who_may_do_what(organisation, act, role):
    _, needed, code = ACTS[act]

    answer = do(token_caller(organisation, role), act, run_for(act, organisation=organisation).id)

    assert answer.status_code == (code if role.allows(needed) else 403)
    assert Audit.objects.count() == (1 if role.allows(needed) else 0)


@pytest.mark.parametrize("act", SWEPT)
@pytest.mark.parametrize("role", list(Role))
def test_what_is_no_sweep_is_neither_undone_nor_retried_in_part(organisation, act, role):
    run = run_make(State.PARTIAL, organisation=organisation)

    answer = do(token_caller(organisation, role), act, run.id)

    assert answer.status_code == (409 if role.allows(SWEPT[act]) else 403)
    assert (Run.objects.count(), Audit.objects.count()) == (1, 0)


@pytest.mark.parametrize("act", [*ACTS, *SWEPT, *READS])
def test_what_belongs_to_another_organisation_is_not_there(owner, act):
    foreign = run_for(act if act in ACTS else "POST /cancel/{}", organisation=OrganisationFactory())

    answers = [do(owner, act, run_id) for run_id in (foreign.id, uuid4())]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json()["detail"] == f"There is no run with the id {foreign.id} in your organisation."
    assert (Run.objects.count(), Audit.objects.count()) == (1, 0)


@pytest.mark.parametrize("act", [*ACTS, *READS])
def test_a_chore_of_the_installation_is_its_staffs(owner, staff, act):
    run = run_for(act if act in ACTS else "POST /cancel/{}")

    assert do(owner, act, run.id).status_code == 404
    assert do(staff, act, run.id).status_code in (200, 202)


@pytest.mark.parametrize("path", ["", "/active", "/failed", "/dead-letters"])
def test_lists_show_nothing_of_others(viewer, staff, path):
    for organisation in (OrganisationFactory(), None):
        run_make(organisation=organisation)
        run_make(State.FAILED, organisation=organisation)

    assert viewer("GET", path).json()["items"] == []
    assert {row["organisation"] for row in staff("GET", path).json()["items"]} == {None}


def test_staff_who_are_members_see_both_and_keep_their_role(organisation):
    member = MemberFactory(organisation=organisation, role=Role.VIEWER, user__is_staff=True)
    mine, ours = run_make(organisation=organisation), run_make()
    call = session_caller(member.user)

    assert len(call("GET", "").json()["items"]) == 2
    assert call("POST", f"/cancel/{mine.id}").status_code == 403
    assert call("POST", f"/cancel/{ours.id}").status_code == 200


def test_what_the_state_forbids_is_a_conflict(owner, organisation):
    run = run_make(State.SUCCEEDED, organisation=organisation)

    answer = owner("POST", f"/cancel/{run.id}")

    assert (answer.status_code, answer.json()) == (
        409,
        {"detail": "This run has ended (SUCCEEDED): there is nothing to cancel."},
    )


def test_an_act_names_its_actor_and_its_run(organisation):
    member = MemberFactory(organisation=organisation, role=Role.OWNER)
    run = run_make(organisation=organisation)

    session_caller(member.user)("POST", f"/cancel/{run.id}")

    row = Audit.objects.get()
    assert (row.actor, row.organisation, row.verb) == (member.user, organisation, "run.cancel")
    assert row.subject == f"runs.run:{run.id}"


def test_a_retry_says_where_to_follow_it(agent, organisation):
    run = run_make(State.FAILED, organisation=organisation)

    answer = agent("POST", f"/retry/{run.id}")

    made = answer.json()
    assert answer.headers["Location"] == f"/api/v1/tasks/status/{made['id']}"
    assert (made["state"], made["retry_of"], made["requested_by"]) == ("QUEUED", str(run.id), "token agent program")
    assert agent("GET", f"/status/{run.id}").json()["retries"] == [made["id"]]


def test_a_letter_that_was_replayed_is_dead_no_more(agent, organisation):
    run = run_make(State.FAILED, organisation=organisation)

    agent("POST", f"/dead-letters/{run.id}/replay")

    assert agent("GET", "/dead-letters").json()["items"] == []


def test_the_same_key_is_the_same_run(agent, organisation):
    run = run_make(State.FAILED, organisation=organisation)

    answers = [do(agent, "POST /retry/{}", run.id, **{"Idempotency-Key": "monday"}) for _ in range(2)]

    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert (Run.objects.count(), Audit.objects.count()) == (2, 1)


def test_a_key_of_another_request_is_refused(agent, organisation):
    first, second = (run_make(State.FAILED, organisation=organisation) for _ in range(2))
    key = {"Idempotency-Key": "monday"}
    made = do(agent, "POST /retry/{}", first.id, **key).json()

    answer = do(agent, "POST /retry/{}", second.id, **key)

    assert (answer.status_code, answer.json()["detail"].partition(":")[0]) == (
        422,
        "This Idempotency-Key was used for another request",
    )
    assert made["id"] in answer.json()["detail"]
    assert Run.objects.count() == 3


def test_keys_of_two_organisations_are_two(organisation):
    made = []
    for whose in (organisation, OrganisationFactory()):
        run = run_make(State.FAILED, organisation=whose)
        made.append(do(token_caller(whose, Role.AGENT), "POST /retry/{}", run.id, **{"Idempotency-Key": "monday"}))

    assert [answer.status_code for answer in made] == [202, 202]


@pytest.mark.parametrize("key", ["", "x" * 201, "a b"])
def test_a_key_has_1_to_200_visible_characters(agent, organisation, key):
    run = run_make(State.FAILED, organisation=organisation)

    assert do(agent, "POST /retry/{}", run.id, **{"Idempotency-Key": key}).status_code == 422
