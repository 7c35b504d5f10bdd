"""Many dead letters are replayed by one request: those that match, a bounded number, once."""

from datetime import timedelta

import pytest

from core.audit.models import Audit
from core.clock import database_now
from core.organisations.enums import Role
from core.organisations.tests.factories import MemberFactory, OrganisationFactory
from core.runs.enums import State
from core.runs.models import Run
from core.runs.tests.calling import session_caller, token_caller
from core.runs.tests.factories import run_make

pytestmark = pytest.mark.django_db
PATH = "/dead-letters/replay"


def letters(organisation, number: int = 3, **fields) -> list[str]:
    """Make dead runs, one after the other."""
    now = database_now()
    ended = [now - timedelta(minutes=number - each) for each in range(number)]
    states = {"state": State.FAILED, **fields}
    return [str(run_make(organisation=organisation, **{"finished_at": at, **states}).pk) for at in ended]


def replayed(answer) -> list[str]:
    return [row["retry_of"] for row in answer.json()["items"]]


def test_all_that_died_runs_again_those_that_died_first_before(agent, organisation):
    dead = letters(organisation)
    run_make(State.SUCCEEDED, organisation=organisation)

    answer = agent("POST", PATH, limit=100)

    assert (answer.status_code, replayed(answer), answer.json()["more"]) == (202, dead, False)
    assert {row["state"] for row in answer.json()["items"]} == {"QUEUED"}
    assert agent("GET", "/dead-letters").json()["items"] == []


@pytest.mark.parametrize(
    ("wanted", "fields"),
    [
        ({"name": "a.b"}, {"name": "a.b"}),
        ({"state": "LOST"}, {"state": State.LOST}),
        ({"error_type": "OSError"}, {"error_type": "OSError"}),
        ({"until": "2026-01-02T00:00:00Z"}, {"finished_at": "2026-01-01T00:00Z"}),
    ],
)
def test_only_what_matches_is_replayed(agent, organisation, wanted, fields):
    letters(organisation)
    [matching] = letters(organisation, 1, **fields)

    assert replayed(agent("POST", PATH, **wanted)) == [matching]


def test_no_more_than_the_limit_and_the_answer_says_that_there_are_more(agent, organisation):
    dead = letters(organisation)

    first, second = agent("POST", PATH, limit=2), agent("POST", PATH, limit=2)

    assert (replayed(first), first.json()["more"]) == (dead[:2], True)
    assert (replayed(second), second.json()["more"]) == (dead[2:], False)


@pytest.mark.parametrize("wanted", [{}, {"limit": 201}, {"limit": 0}, {"state": "SUCCEEDED"}, {"task": "slip"}])
def test_what_is_not_understood_replays_nothing(agent, organisation, wanted):
    letters(organisation)

    assert (agent("POST", PATH, **wanted).status_code, Run.objects.count()) == (422, 3)


def test_the_same_key_answers_with_the_same_runs_and_asks_for_nothing(agent, organisation):
    letters(organisation)
    key = {"Idempotency-Key": "x" * 200}

    first, second = (agent("POST", PATH, key, limit=2) for _ in range(2))

    assert [row["id"] for row in first.json()["items"]] == [row["id"] for row in second.json()["items"]]
    assert Run.objects.count() == 5


def test_the_same_key_with_other_words_or_of_a_single_retry_is_refused(agent, organisation):
    first, *_ = letters(organisation)
    agent("POST", f"/retry/{first}", {"Idempotency-Key": "single"})
    agent("POST", PATH, {"Idempotency-Key": "many"}, limit=1)

    answers = [agent("POST", PATH, {"Idempotency-Key": key}, limit=2) for key in ("single", "many")]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json()["detail"].startswith("This Idempotency-Key was used for another request")
    assert Run.objects.count() == 5


def test_the_request_and_each_run_are_on_record(agent, organisation):
    letters(organisation, 2)
    agent("POST", PATH, name="tests.nothing")

    rows = Audit.objects.order_by("id")
    assert [row.verb for row in rows] == ["run.retry", "run.retry", "run.replay-many"]
    assert rows[2].data["wanted"]["name"] == "tests.nothing"
    assert (rows[2].data["runs"], rows[2].organisation) == (2, organisation)


def test_a_viewer_replays_nothing(viewer, organisation):
    letters(organisation)

    assert (viewer("POST", PATH, limit=100).status_code, Run.objects.count()) == (403, 3)


def test_each_replays_its_own(agent, staff, organisation):
    mine, ours, foreign = letters(organisation, 1), letters(None, 1), letters(OrganisationFactory(), 1)

    assert replayed(agent("POST", PATH, limit=100)) == mine
    assert replayed(staff("POST", PATH, limit=100)) == ours
    assert Run.objects.get(id=foreign[0]).retries.count() == 0


def test_staff_who_are_members_replay_for_their_organisation(organisation):
    member = MemberFactory(organisation=organisation, role=Role.AGENT, user__is_staff=True)
    mine, _ = letters(organisation, 1), letters(None, 1)

    answer = session_caller(member.user)("POST", PATH, limit=100)

    assert (replayed(answer), answer.json()["more"]) == (mine, False)


def test_keys_of_two_organisations_are_two(organisation):
    for whose in (organisation, OrganisationFactory()):
        letters(whose, 1)
        answer = token_caller(whose, Role.AGENT)("POST", PATH, {"Idempotency-Key": "monday"}, limit=1)
        assert len(replayed(answer)) == 1
