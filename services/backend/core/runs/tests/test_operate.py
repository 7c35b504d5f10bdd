"""What an operator may do to a run, in which state, and that each act is on record."""

import pytest

from core.audit.models import Audit
from core.audit.services import Operator
from core.runs.enums import FINAL, RETRYABLE, State
from core.runs.errors import RunRefusedError
from core.runs.models import Run
from core.runs.services.operate import run_approve, run_cancel, run_reject, run_retry, run_terminate
from core.runs.tests.factories import run_make

pytestmark = pytest.mark.django_db
EVE = Operator("eve")


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    return django_capture_on_commit_callbacks


@pytest.mark.parametrize("state", [State.QUEUED, State.RETRYING, State.HELD])
def test_what_waits_is_cancelled_at_once(state):
    run = run_cancel(run=run_make(state), operator=EVE)

    assert (run.state, run.finished_at is not None) == (State.CANCELLED, True)


def test_what_runs_is_asked_to_stop():
    run = run_cancel(run=run_make(State.RUNNING), operator=EVE)

    assert (run.state, run.cancel_requested_at is not None) == (State.RUNNING, True)


@pytest.mark.parametrize("state", sorted(FINAL))
def test_what_has_ended_is_not_cancelled(state):
    with pytest.raises(RunRefusedError, match="has ended"):
        run_cancel(run=run_make(state), operator=EVE)

    assert Audit.objects.count() == 0


def test_terminating_is_a_second_act():
    run = run_make(State.RUNNING)

    with pytest.raises(RunRefusedError, match="cancel it first"):
        run_terminate(run=run, operator=EVE)

    run_cancel(run=run, operator=EVE)
    run_terminate(run=run, operator=EVE)
    assert sorted(Audit.objects.values_list("verb", flat=True)) == ["run.cancel", "run.terminate"]


@pytest.mark.parametrize("state", sorted(RETRYABLE))
def test_a_retry_is_a_new_run_of_the_same(state, broker, committed):
    run = run_make(state, args=[1], kwargs={"a": 2})

    with committed(execute=True):
        again = run_retry(run=run, operator=EVE)

    assert (again.state, again.args, again.kwargs, again.retry_of) == (State.QUEUED, [1], {"a": 2}, run)
    assert (again.slot, again.requested_by, broker.llen("default")) == (None, "eve", 1)


@pytest.mark.parametrize("state", sorted(set(State) - RETRYABLE))
def test_what_runs_or_succeeded_is_not_retried(state):
    with pytest.raises(RunRefusedError, match="is not retried"):
        run_retry(run=run_make(state), operator=EVE)


def test_a_held_run_is_approved_and_sent(broker, committed):
    with committed(execute=True):
        run = run_approve(run=run_make(State.HELD, published_at=None), operator=EVE)

    assert (run.state, run.approved_by, broker.llen("default")) == (State.QUEUED, "eve", 1)


def test_a_held_run_is_rejected(broker):
    run = run_reject(run=run_make(State.HELD, published_at=None), operator=EVE)

    assert (run.state, broker.llen("default")) == (State.CANCELLED, 0)


@pytest.mark.parametrize("decide", [run_approve, run_reject])
def test_only_a_held_run_is_decided(decide):
    with pytest.raises(RunRefusedError, match="is not held"):
        decide(run=run_make(State.QUEUED), operator=EVE)


def test_each_act_names_who_did_what_to_which():
    run = run_make()

    run_cancel(run=run, operator=EVE)

    row = Audit.objects.get()
    assert (row.actor_name, row.verb, row.subject) == ("eve", "run.cancel", f"runs.run:{run.id}")
    assert Run.objects.get().state == State.CANCELLED
