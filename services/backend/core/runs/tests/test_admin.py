"""The pages of runs say what became of each and why, and act through the API's services."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from core.audit.models import Audit
from core.clock import database_now
from core.organisations.tests.factories import OrganisationFactory
from core.runs import latest
from core.runs.enums import Outcome, State
from core.runs.models import Run, RunItem
from core.runs.tests.factories import run_make

pytestmark = pytest.mark.django_db
LIST = reverse("admin:runs_run_changelist")
# A task that says how it is undone.
ARCHIVE_TASK = "tickets.tasks.archive_old_done_tickets"


@pytest.fixture
def viewer(client: Client) -> Client:
    user = User.objects.create_user("looker", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_run"))
    client.force_login(user)
    return client


def page(run: Run) -> str:
    return reverse("admin:runs_run_change", args=[run.pk])


def shown(client: Client, address: str, **narrowed: str) -> str:
    return client.get(address, narrowed).content.decode()


def listed(client: Client, **narrowed: str) -> list[Run]:
    return list(client.get(LIST, narrowed).context["cl"].result_list)


def operate(client: Client, run: Run, verb: str, **more: str) -> str:
    answer = client.post(reverse("admin:runs_run_operate", args=[run.pk]), {"verb": verb, **more}, follow=True)
    return answer.content.decode()


def in_bulk(client: Client, verb: str, *runs: Run, **more: str) -> str:
    chosen = {"action": f"{verb}_selected", "_selected_action": [str(run.pk) for run in runs], **more}
    return client.post(LIST, chosen, follow=True).content.decode()


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


def test_cancel_ends_what_waits_in_the_name_of_who_is_signed_in(admin: Client) -> None:
    run = run_make()

    assert "Cancelled" in operate(admin, run, "cancel")
    run.refresh_from_db()
    assert run.state == State.CANCELLED
    assert list(Audit.objects.values_list("verb", "actor_name", "actor__username")) == [("run.cancel", *["admin"] * 2)]


def test_terminate_is_offered_after_cancel_and_asks_before(admin: Client) -> None:
    run = run_make(State.RUNNING)
    assert 'value="terminate"' not in shown(admin, page(run))
    assert 'value="terminate"' in operate(admin, run, "cancel")

    assert "Its worker process is killed" in operate(admin, run, "terminate")
    assert not Audit.objects.filter(verb="run.terminate").exists()
    assert "Terminated" in operate(admin, run, "terminate", sure="yes")
    assert Audit.objects.filter(verb="run.terminate").count() == 1


def test_retry_links_the_new_run(admin: Client) -> None:
    run = run_make(State.FAILED)

    text = operate(admin, run, "retry")

    assert page(run.retries.get()) in text


def test_a_held_run_is_approved_or_rejected(admin: Client) -> None:
    held, other = run_make(State.HELD, note="It would archive 900 tickets."), run_make(State.HELD)
    assert "It would archive 900 tickets. Approve it, or reject it." in shown(admin, page(held))

    operate(admin, held, "approve", sure="yes")
    operate(admin, other, "reject")

    assert list(Run.objects.filter(pk=held.pk).values_list("state", "approved_by")) == [("QUEUED", "admin")]
    assert Run.objects.get(pk=other.pk).state == State.CANCELLED


@pytest.mark.parametrize(
    ("verb", "state", "sentence"),
    [
        ("cancel", State.SUCCEEDED, "there is nothing to cancel"),
        ("terminate", State.RUNNING, "cancel it first"),
        ("retry", State.SUCCEEDED, "it succeeded"),
        ("approve", State.QUEUED, "there is nothing to decide"),
        ("reject", State.FAILED, "there is nothing to decide"),
        ("retry_items", State.PARTIAL, "retry the run instead"),
        ("undo", State.SUCCEEDED, "cannot be undone"),
    ],
)
def test_a_refusal_is_told_in_the_service_s_words(admin: Client, verb: str, state: State, sentence: str) -> None:
    run = run_make(state)

    assert sentence in operate(admin, run, verb, sure="yes")
    run.refresh_from_db()
    assert (run.state, Audit.objects.count()) == (state, 0)


def test_bulk_actions_do_what_they_can_and_say_how_much_was_refused(admin: Client) -> None:
    waiting, ended = [run_make(), run_make()], [run_make(State.FAILED), run_make(State.FAILED)]

    text = in_bulk(admin, "cancel", *waiting, *ended)

    assert "asked to stop: 2 of them." in text
    assert "2 times: This run has ended (FAILED)" in text
    assert Run.objects.filter(state=State.CANCELLED).count() == 2


def test_bulk_terminate_asks_before(admin: Client) -> None:
    run = run_make(State.RUNNING, cancel_requested_at=database_now())

    assert "Its worker process is killed" in in_bulk(admin, "terminate", run)
    assert "Terminated" in in_bulk(admin, "terminate", run, sure="yes")


def test_failed_rows_are_tried_again_and_an_undo_asks_before_the_service_looks(admin: Client) -> None:
    run = run_make(State.PARTIAL, name=ARCHIVE_TASK, changed=1, failed=1)
    RunItem.objects.create(run=run, subject="tickets.ticket:1", outcome=Outcome.CHANGED, before={}, after={})
    RunItem.objects.create(run=run, subject="tickets.ticket:2", outcome=Outcome.FAILED, error="torn")
    assert all(f'value="{verb}"' in shown(admin, page(run)) for verb in ("retry", "retry_items", "undo"))

    assert "See the new run" in operate(admin, run, "retry_items")
    assert "is put back" in operate(admin, run, "undo")
    assert "there is nothing to undo" in operate(admin, run, "undo", sure="yes")


def test_who_may_only_look_is_offered_and_allowed_nothing(viewer: Client) -> None:
    run = run_make()

    assert 'value="cancel"' not in shown(viewer, page(run))
    assert viewer.post(reverse("admin:runs_run_operate", args=[run.pk]), {"verb": "cancel"}).status_code == 403
    in_bulk(viewer, "cancel", run)
    run.refresh_from_db()
    assert run.state == State.QUEUED


def test_nobody_adds_edits_or_deletes_a_run_by_hand(admin: Client) -> None:
    run = run_make()

    assert admin.get(reverse("admin:runs_run_add")).status_code == 403
    assert admin.post(page(run), {"name": "other"}).status_code == 403
    assert admin.post(reverse("admin:runs_run_delete", args=[run.pk]), {"post": "yes"}).status_code == 403


def test_operate_answers_posts_only(admin: Client) -> None:
    run = run_make()

    assert admin.get(reverse("admin:runs_run_operate", args=[run.pk]), {"verb": "cancel"}).status_code == 405
