"""The pages of runs say what became of each and why."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from core.clock import database_now
from core.organisations.tests.factories import OrganisationFactory
from core.runs import latest
from core.runs.enums import Outcome, State
from core.runs.models import Run, RunItem
from core.runs.tests.factories import run_make
from core.runs.tests.pages import LIST, page, shown

pytestmark = pytest.mark.django_db


def listed(client: Client, **narrowed: str) -> list[Run]:
    return list(client.get(LIST, narrowed).context["cl"].result_list)


def test_every_state_has_its_row_and_its_page(admin: Client) -> None:
    runs = [run_make(state) for state in State]

    assert {run.pk for run in listed(admin)} == {run.pk for run in runs}
    assert [run.state for run in runs if "How it stands" not in shown(admin, page(run))] == []


@pytest.mark.parametrize(
    ("group", "states"),
    [
        ("waiting", {State.QUEUED, State.RETRYING}),
        ("running", {State.RUNNING}),
        ("held", {State.HELD}),
        ("unsuccessful", {State.FAILED, State.LOST, State.EXPIRED, State.MISSED, State.PARTIAL}),
        ("SKIPPED", {State.SKIPPED}),
    ],
)
def test_list_is_narrowed_by_groups_of_states(admin: Client, group: str, states: set[State]) -> None:
    for state in State:
        run_make(state)

    assert {run.state for run in listed(admin, group=group)} == states


def test_list_is_narrowed_by_task_trigger_organisation_and_time(admin: Client) -> None:
    ours, old = OrganisationFactory(), database_now() - timedelta(days=2)
    mine = run_make(name="tests.mine", trigger="api", organisation=ours)
    past = run_make(State.FAILED, name="tests.past", queued_at=old, finished_at=old)

    assert listed(admin, name="tests.mine") == [mine]
    assert listed(admin, trigger__exact="api") == [mine]
    assert listed(admin, organisation=str(ours.pk), name="tests.mine") == [mine]
    assert (listed(admin, time="day"), listed(admin, time="week")) == ([mine], [mine, past])
    assert listed(admin, time="older-than-week") == []


@pytest.mark.parametrize("narrowed", [{"organisation": "x"}, {"time": "x"}, {"group": "x"}, {"name": "a\0b"}])
def test_a_filter_that_nobody_offered_fails_nothing(admin: Client, narrowed: dict[str, str]) -> None:
    assert admin.get(LIST, narrowed).status_code == 200


def test_search_finds_a_run_by_its_id_and_by_part_of_its_name(admin: Client) -> None:
    run, _ = run_make(name="tests.sweep"), run_make(State.FAILED)

    assert listed(admin, q=str(run.pk)) == listed(admin, q="swee") == [run]


def test_an_empty_list_says_where_runs_come_from(admin: Client) -> None:
    assert "Nothing ran yet" in shown(admin, LIST)


def test_list_asks_as_much_for_many_as_for_one(admin: Client, django_assert_max_num_queries) -> None:
    for _ in range(60):
        run_make(State.FAILED, organisation=OrganisationFactory())

    with django_assert_max_num_queries(9):
        shown(admin, LIST)


def test_list_looks_through_the_latest_only(
    admin: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries
) -> None:
    monkeypatch.setattr(latest, "WINDOW", 3)
    monkeypatch.setattr(latest, "OPEN_WINDOW", 5)
    now = database_now()
    times = [now - timedelta(minutes=ago) for ago in range(9)]
    runs = [run_make(State.FAILED, queued_at=at, finished_at=at) for at in times]
    waiting = [run_make(queued_at=at) for at in times]

    assert set(listed(admin)) == {*runs[:4], *waiting[:6]}
    assert listed(admin, name="tests.nothing", group="FAILED") == runs[:2]
    assert listed(admin, q=str(runs[8].pk)) == [runs[8]]


def test_page_hides_secrets_in_arguments_and_results(admin: Client) -> None:
    run = run_make(State.FAILED, kwargs={"password": "hunter2", "to": "Ann"}, result={"token": "hunter2"})

    text = shown(admin, page(run))

    assert ("hunter2" in text, "[hidden]" in text, "Ann" in text) == (False, True, True)


def test_page_says_why_a_run_waits(admin: Client) -> None:
    later = database_now() + timedelta(hours=1)

    assert "no worker has taken it" in shown(admin, page(run_make()))
    assert "it is not due before" in shown(admin, page(run_make(not_before=later, published_at=None)))
    assert "Waits to be sent" in shown(admin, page(run_make(published_at=None)))


def test_page_links_what_led_to_a_run_and_what_followed(admin: Client) -> None:
    first = run_make(State.FAILED, name="tests.first")
    again = run_make(State.FAILED, name="tests.again", retry_of=first)
    child = run_make(name="tests.child", parent=again)

    assert page(again) in shown(admin, page(first))
    assert all(page(other) in shown(admin, page(again)) for other in (first, child))


def test_page_shows_the_first_hundred_rows_the_failed_ones_before(admin: Client, django_assert_max_num_queries) -> None:
    run = run_make(State.PARTIAL)
    changed = [RunItem(run=run, subject=f"row:{n}", outcome=Outcome.CHANGED) for n in range(150)]
    RunItem.objects.bulk_create([*changed, RunItem(run=run, subject="row:x", outcome=Outcome.FAILED, error="torn")])

    with django_assert_max_num_queries(12):
        text = shown(admin, page(run))

    _, first, *others = text.split('<td class="px-3 py-2">row:')
    assert (first[:1], len(others)) == ("x", 99)


def test_a_run_that_is_not_there_is_said_so(admin: Client) -> None:
    assert admin.get(reverse("admin:runs_run_change", args=["nothing"]), follow=True).status_code == 200
    gone = "00000000-0000-0000-0000-000000000000"
    assert admin.post(reverse("admin:runs_run_operate", args=[gone]), {"verb": "cancel"}).status_code == 404
