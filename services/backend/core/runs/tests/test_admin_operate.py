"""The admin operates runs through the API's services: in the name of who is signed in, asked first where it hurts."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from core.audit.models import Audit
from core.clock import database_now
from core.runs.enums import Outcome, State
from core.runs.models import Run, RunItem
from core.runs.tests.factories import run_make
from core.runs.tests.pages import LIST, operate, page, shown

pytestmark = pytest.mark.django_db

# A task that says how it is undone.
ARCHIVE_TASK = "tickets.tasks.archive_old_done_tickets"


@pytest.fixture
def viewer(client: Client) -> Client:
    user = User.objects.create_user("looker", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_run"))
    client.force_login(user)
    return client


def in_bulk(client: Client, verb: str, *runs: Run, **more: str) -> str:
    chosen = {"action": f"{verb}_selected", "_selected_action": [str(run.pk) for run in runs], **more}
    return client.post(LIST, chosen, follow=True).content.decode()


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
