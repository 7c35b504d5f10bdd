"""Runs are followed through the API: one by its id, many by what they have in common."""

from datetime import UTC, datetime, timedelta

import pytest

from core.organisations.enums import Role
from core.organisations.tests.factories import MemberFactory
from core.runs.enums import Outcome, State, Trigger
from core.runs.models import RunItem
from core.runs.tests.calling import session_caller
from core.runs.tests.factories import run_make

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def ids(answer) -> list[str]:
    return [row["id"] for row in answer.json()["items"]]


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (State.QUEUED, "PENDING"),
        (State.HELD, "PENDING"),
        (State.RUNNING, "STARTED"),
        (State.RETRYING, "RETRY"),
        (State.SUCCEEDED, "SUCCESS"),
        (State.PARTIAL, "SUCCESS"),
        (State.FAILED, "FAILURE"),
        (State.LOST, "FAILURE"),
        (State.EXPIRED, "FAILURE"),
        (State.CANCELLED, "REVOKED"),
        (State.SKIPPED, "REVOKED"),
        (State.MISSED, "REVOKED"),
    ],
)
def test_status_says_celerys_word_beside_our_state(viewer, organisation, state, word):
    run = run_make(state, organisation=organisation)

    answer = viewer("GET", f"/status/{run.id}").json()

    assert (answer["state"], answer["status"], answer["progress"]) == (state, word, None)


def test_a_run_that_counts_is_in_progress(viewer, organisation):
    run = run_make(State.RUNNING, organisation=organisation, progress_done=40, progress_total=200)

    answer = viewer("GET", f"/status/{run.id}").json()

    assert (answer["status"], answer["progress"]) == ("PROGRESS", {"done": 40, "total": 200})


def test_secrets_among_arguments_and_result_are_hidden(owner, organisation):
    given = {"user": "eve", "password": "hunter2"}
    run = run_make(State.SUCCEEDED, organisation=organisation, kwargs=given, result={"token": "hunter2", "n": 1})

    answer = owner("GET", f"/status/{run.id}")

    assert answer.json()["arguments"] == {"args": [], "kwargs": {"user": "eve", "password": "[hidden]"}}
    assert answer.json()["result"] == {"token": "[hidden]", "n": 1}
    assert "hunter2" not in answer.content.decode()


def test_everybody_reads_the_error_and_owners_the_traceback(owner, viewer, organisation):
    run = run_make(State.FAILED, organisation=organisation, error="No ink.", traceback="File ink.py, line 1")

    said = [call("GET", f"/status/{run.id}").json() for call in (owner, viewer)]

    assert [(answer["error"], answer["traceback"]) for answer in said] == [
        ("No ink.", "File ink.py, line 1"),
        ("No ink.", None),
    ]


def test_lists_show_what_their_name_says(viewer, organisation):
    made = {state: str(run_make(state, organisation=organisation).id) for state in State}

    def listed(path: str) -> set[str]:
        return {state for state, run_id in made.items() if run_id in ids(viewer("GET", path))}

    assert listed("") == set(State)
    assert listed("/active") == {State.QUEUED, State.RUNNING, State.RETRYING, State.HELD}
    assert listed("/failed") == {State.FAILED, State.LOST, State.EXPIRED, State.MISSED, State.PARTIAL}
    assert listed("/dead-letters") == {State.FAILED, State.LOST, State.EXPIRED}
    assert listed("?state=FAILED&state=HELD") == {State.FAILED, State.HELD}


def test_list_is_filtered_by_name_trigger_parent_and_time(viewer, organisation):
    parent = run_make(organisation=organisation, queued_at=NOON - timedelta(hours=2))
    run = run_make(organisation=organisation, name="tests.ink", trigger=Trigger.CHAIN, parent=parent, queued_at=NOON)
    until = "2026-11-21T12:00:01Z"

    for question in ("name=tests.ink", "trigger=chain", f"parent={parent.id}", "since=2026-11-21T12:00:00Z"):
        assert ids(viewer("GET", f"?{question}")) == [str(run.id)]
    assert ids(viewer("GET", f"?until={until}")) == [str(run.id), str(parent.id)]
    assert ids(viewer("GET", "?until=2026-11-21T12:00:00Z")) == [str(parent.id)]


def test_pages_show_each_run_once_while_others_are_added(viewer, organisation):
    """Four of them asked for at the same moment: a time alone is no place in the list."""
    times = [NOON, NOON, NOON, NOON, NOON + timedelta(seconds=1)]
    made = {str(run_make(organisation=organisation, queued_at=at).id) for at in times}
    cursor, seen = "", []

    while cursor is not None:
        answer = viewer("GET", f"?limit=2{cursor and f'&cursor={cursor}'}")
        seen += ids(answer)
        cursor = answer.json()["next_cursor"]
        run_make(organisation=organisation, queued_at=NOON + timedelta(hours=1))

    assert len(seen) == 5
    assert set(seen) == made


@pytest.mark.parametrize("cursor", ["x", "2", "bm9vbiBub29u", "MDAwMS0wMS0wMVQwMDowMDowMCsxNzowMCB4"])
def test_a_cursor_that_is_none_of_ours_is_refused(viewer, cursor):
    answer = viewer("GET", f"?cursor={cursor}")

    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        "cursor: is no cursor of ours: send `next_cursor` as it came.",
    )


def test_items_are_paged_and_filtered(viewer, organisation):
    run = run_make(State.PARTIAL, organisation=organisation)
    for number, outcome in enumerate([Outcome.CHANGED, Outcome.FAILED, Outcome.CHANGED]):
        RunItem.objects.create(run=run, subject=f"tests.row:{number}", outcome=outcome, error="x" * number)

    first = viewer("GET", f"/{run.id}/items?limit=2").json()
    second = viewer("GET", f"/{run.id}/items?cursor={first['next_cursor']}").json()
    failed = viewer("GET", f"/{run.id}/items?outcome=failed").json()

    assert [item["subject"] for item in first["items"] + second["items"]] == [f"tests.row:{n}" for n in range(3)]
    assert second["next_cursor"] is None
    assert [(item["subject"], item["error"]) for item in failed["items"]] == [("tests.row:1", "x")]


def test_an_organisations_runs_are_for_its_members(viewer, organisation):
    run = run_make(organisation=organisation)
    run_make()

    for named in (organisation.slug, organisation.pk):
        assert ids(viewer("GET", f"/organization/{named}")) == [str(run.id)]
    assert viewer("GET", f"/organization/{organisation.pk + 1}").status_code == 404


def test_a_member_of_two_organisations_reads_both(organisation):
    first = MemberFactory(organisation=organisation, role=Role.VIEWER)
    second = MemberFactory(user=first.user, role=Role.VIEWER)
    run = run_make(organisation=second.organisation)
    call, headers = session_caller(first.user), {"X-Organisation": organisation.slug}

    assert ids(call("GET", f"/organization/{second.organisation.slug}", headers)) == [str(run.id)]
    assert call("GET", f"/status/{run.id}", headers).status_code == 404


def test_an_unknown_parameter_is_refused(viewer):
    answer = viewer("GET", "?stat=FAILED")

    assert answer.status_code == 422
    assert answer.json()["fields"][0]["field"] == "stat"
