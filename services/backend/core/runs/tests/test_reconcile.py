"""What outages leave behind is mended: nothing waits for ever, nothing is taken from a worker that lives."""

from datetime import timedelta

import pytest
from celery import current_app

from core.clock import database_now
from core.runs.enums import State
from core.runs.models import Run
from core.runs.services import reconcile
from core.runs.tests.factories import run_make

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(minutes=5)


@pytest.fixture
def runs_reconcile(django_capture_on_commit_callbacks):
    """Return the function of this name, made to commit within the test's transaction."""

    def mend() -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return reconcile.runs_reconcile()

    return mend


def ago(span: timedelta = LONG_AGO):
    return database_now() - span


def state(run: Run) -> str:
    return Run.objects.get(id=run.id).state


def test_a_fresh_message_is_left_alone(runs_reconcile, broker):
    run_make()

    assert (runs_reconcile(), broker.llen("default")) == (0, 0)


def test_what_a_queue_may_still_hold_is_not_sent_twice(runs_reconcile, broker):
    broker.lpush("default", "another's message")
    run_make(published_at=ago())

    assert (runs_reconcile(), broker.llen("default")) == (0, 1)


def test_beyond_the_visibility_timeout_it_is_sent_again_whatever_the_queue_holds(runs_reconcile, broker):
    broker.lpush("default", "another's message")
    run_make(published_at=ago(timedelta(hours=2)))

    assert (runs_reconcile(), broker.llen("default")) == (1, 2)


def test_a_lost_message_is_sent_once_by_two_beats(runs_reconcile, broker):
    run_make(published_at=ago())

    assert [runs_reconcile(), runs_reconcile()] == [1, 0]


def test_a_run_of_an_app_that_is_off_is_not_sent_but_expires(runs_reconcile, broker):
    waits = run_make(name="of_no_app.work", published_at=ago())
    late = run_make(name="of_no_app.work", published_at=None, expires_at=ago())

    assert (runs_reconcile(), broker.llen("default")) == (1, 0)
    assert (state(waits), state(late)) == (State.QUEUED, State.EXPIRED)


def test_a_retry_is_sent_when_its_time_comes(runs_reconcile, broker):
    later, due = (run_make(State.RETRYING, published_at=None, not_before=ago(-s)) for s in (LONG_AGO, timedelta(0)))

    assert runs_reconcile() == 1
    assert [Run.objects.get(id=run.id).published_at is None for run in (later, due)] == [True, False]


def test_what_came_too_late_has_expired(runs_reconcile, broker):
    run = run_make(expires_at=ago())

    runs_reconcile()

    assert state(run) == State.EXPIRED


def test_a_run_whose_worker_fell_silent_is_given_to_another(runs_reconcile, broker):
    run = run_make(State.RUNNING, heartbeat_at=ago(), worker="elsewhere/1")

    runs_reconcile()

    assert (state(run), broker.llen("default")) == (State.QUEUED, 1)


def test_a_run_that_never_had_a_heartbeat_is_judged_by_its_start(runs_reconcile, broker):
    run = run_make(State.RUNNING, heartbeat_at=None, started_at=ago())

    runs_reconcile()

    assert state(run) == State.QUEUED


def test_a_run_without_attempts_left_is_lost(runs_reconcile, broker):
    run = run_make(State.RUNNING, heartbeat_at=ago(), worker="elsewhere/1", max_attempts=1)

    runs_reconcile()

    assert Run.objects.get(id=run.id).error == "Worker elsewhere/1 fell silent."
    assert state(run) == State.LOST


def test_a_silent_run_that_was_to_be_cancelled_is(runs_reconcile, broker):
    run = run_make(State.RUNNING, heartbeat_at=ago(), cancel_requested_at=ago())

    runs_reconcile()

    assert state(run) == State.CANCELLED


def test_age_alone_loses_nothing(runs_reconcile, broker):
    run = run_make(State.RUNNING, started_at=ago(timedelta(days=2)), queued_at=ago(timedelta(days=2)))

    assert (runs_reconcile(), state(run)) == (0, State.RUNNING)


def test_a_run_past_its_deadline_is_lost_though_it_lives(runs_reconcile, broker):
    run = run_make(State.RUNNING, deadline_at=ago())

    runs_reconcile()

    assert state(run) == State.LOST


def test_a_held_run_waits_for_a_person(runs_reconcile, broker):
    run = run_make(State.HELD, published_at=None, queued_at=ago(timedelta(days=2)))

    assert (runs_reconcile(), state(run)) == (0, State.HELD)


def test_a_chain_goes_on_after_its_message_was_lost(runs_reconcile, broker, app):
    with app.connection_for_write() as connection:
        following = current_app.signature("tests.nothing", immutable=True)
        run_make(published_at=ago(), options={"chain": [following]})

        runs_reconcile()

        message = connection.default_channel.basic_get("default")
    assert message.headers["task"] == "tests.nothing"
    assert message.decode()[2]["chain"][0]["task"] == "tests.nothing"


def test_what_the_broker_refused_is_sent_when_it_is_back_though_its_queue_is_not_empty(runs_reconcile, broker):
    broker.lpush("default", "another's message")
    runs = [run_make(published_at=None) for _ in range(3)]
    broker.config_set("maxmemory", "1")
    runs_reconcile()
    refused = broker.llen("default")
    broker.config_set("maxmemory", "0")

    runs_reconcile()

    assert (refused, broker.llen("default")) == (1, 4)
    assert not Run.objects.filter(id__in=[run.id for run in runs], published_at=None).exists()
