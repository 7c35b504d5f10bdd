"""A task is on record from the moment it is asked for, and its row says what became of it."""

import pytest
from celery import shared_task
from django.db import transaction
from django_celery_results.models import TaskResult

from core.clock import database_now
from core.runs.enums import State
from core.runs.errors import RecoverableError
from core.runs.models import Run
from core.runs.running import running
from core.runs.services.reconcile import runs_reconcile
from core.runs.services.request import Request, run_request
from core.runs.telling import story
from tests.waiting import poll

pytestmark = pytest.mark.django_db(transaction=True)


@shared_task(name="tests.add")
def add(a: int, b: int) -> dict[str, int]:
    running().count(examined=2, changed=1)
    return {"sum": a + b}


@shared_task(name="tests.fail", policy="net")
def fail(password: str) -> None:
    raise ValueError(f"wrong: {password}")


@shared_task(name="tests.wobble", policy="net")
def wobble() -> None:
    raise RecoverableError("the line is down")


@shared_task(name="tests.part")
def part() -> None:
    running().count(examined=3, changed=2, failed=1)


@shared_task(name="tests.silent", ledger=False)
def silent() -> None:
    pass


def test_the_row_is_there_before_any_worker_and_the_message_after_the_commit(broker):
    with transaction.atomic():
        result = add.delay(1, b=2)
        sent_within = broker.llen("default")

    run = Run.objects.get(id=result.id)
    assert (run.name, run.state, run.args, run.kwargs) == ("tests.add", State.QUEUED, [1], {"b": 2})
    assert (sent_within, broker.llen("default")) == (0, 1)


def test_what_is_rolled_back_was_never_asked_for(broker):
    with transaction.atomic():
        add.delay(1, 2)
        transaction.set_rollback(True)

    assert (Run.objects.count(), broker.llen("default")) == (0, 0)


def test_a_worker_writes_what_became_of_it(work):
    with work():
        answer = add.delay(1, 2).get(timeout=20)

    run = Run.objects.get()
    assert answer == run.result == {"sum": 3}
    assert (run.state, run.attempt, run.examined, run.changed) == (State.SUCCEEDED, 1, 2, 1)
    assert run.queued_at <= run.started_at <= run.finished_at


def test_a_failure_tells_why_but_not_the_secret(work):
    with work(), pytest.raises(ValueError, match="wrong"):
        fail.delay(password="hunter2").get(timeout=20)

    run = Run.objects.get()
    assert (run.state, run.error_type, run.error) == (State.FAILED, "builtins.ValueError", "wrong: [hidden]")
    assert "hunter2" not in run.traceback
    assert run.shown_arguments == {"args": [], "kwargs": {"password": "[hidden]"}}


def test_a_recoverable_error_waits_as_the_policy_says(work):
    result = wobble.delay()
    with work():
        settle(result.id, State.RETRYING)

    run = Run.objects.get()
    assert (run.attempt, run.max_attempts, run.error) == (1, 6, "the line is down")
    assert 25 <= (run.not_before - run.started_at).total_seconds() <= 40


def test_items_that_failed_make_it_partial(work):
    with work():
        part.delay().get(timeout=20)

    assert Run.objects.get().state == State.PARTIAL


def test_a_task_that_opted_out_leaves_no_row(work):
    with work():
        silent.delay().get(timeout=20)

    assert Run.objects.count() == 0


def test_a_task_that_opted_out_is_on_record_when_somebody_asks_for_it(work):
    run = run_request(Request(name="tests.silent"))
    with work():
        settle(run.id, State.SUCCEEDED)


def test_a_second_copy_of_a_message_does_nothing(app, broker, work):
    result = add.delay(1, 2)
    app.send_task("tests.add", [1, 2], task_id=result.id, queue="default")
    with work():
        settle(result.id, State.SUCCEEDED)
        drained(broker)

    assert Run.objects.get().attempt == 1


def test_a_message_without_a_row_is_put_on_record(app, work):
    with work():
        app.send_task("tests.add", [1, 2], queue="default").get(timeout=20)

    assert Run.objects.get().state == State.SUCCEEDED


def test_a_message_that_got_lost_is_sent_again(broker, work):
    add.delay(1, 2)
    broker.flushdb()
    Run.objects.update(published_at="2000-01-01T00:00Z")

    assert runs_reconcile() == 1

    with work():
        settle(Run.objects.get().id, State.SUCCEEDED)


def test_a_message_that_a_worker_does_not_know_waits_for_its_app(broker, work):
    run = run_request(Request(name="of_no_app.work"))
    with work():
        poll(lambda: Run.objects.get().published_at is None, seconds=20, what="the message is given back")

    run.refresh_from_db()
    assert (run.state, TaskResult.objects.count(), broker.llen("default")) == (State.QUEUED, 0, 0)
    assert story(run, database_now()).startswith("Waits for its app: none that is installed here registers of_no_app.")


def settle(run_id, state) -> None:
    poll(lambda: Run.objects.get(id=run_id).state == state, what=state, seconds=20, every=0.05)


def drained(broker) -> None:
    poll(lambda: not broker.llen("default") and not broker.hlen("unacked"), what="no message", seconds=20, every=0.05)
