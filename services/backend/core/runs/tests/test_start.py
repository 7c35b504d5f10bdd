"""Starting is a compare-and-set: one worker wins, and what must not start says why in its row."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection

from core.clock import database_now
from core.runs.enums import FINAL, FOLLOWS, State
from core.runs.models import Run
from core.runs.registry import Traits
from core.runs.running import Running, worker_name
from core.runs.services.start import run_start
from core.runs.tests.apart import apart
from core.runs.tests.factories import run_make

pytestmark = pytest.mark.django_db
TASK = Traits(limit_seconds=60, max_attempts=6)
NO_SUCH_PROCESS = 2**22 + 1


def start(run: Run, task: Traits = TASK):
    return run_start(id=run.id, name=run.name, task=task)


def start_at_once(runs: list[Run], task: Traits = TASK) -> list[Running]:
    """Start the runs from a connection each, and return the attempts that began."""
    with ThreadPoolExecutor(len(runs)) as pool:
        begun = [pool.submit(apart, start, run, task) for run in runs]
        return [attempt for each in begun if (attempt := each.result())]


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_starts_it():
    run = run_make()

    assert len(start_at_once([run] * 8)) == 1
    assert Run.objects.get().attempt == 1


@pytest.mark.parametrize("state", [state for state in State if State.RUNNING not in FOLLOWS[state]])
def test_only_what_waits_starts(state):
    run = run_make(state)

    assert start(run) is None
    assert Run.objects.get().state == state


def test_what_was_cancelled_while_it_waited_does_not_start():
    run = run_make(cancel_requested_at=database_now())

    assert (start(run), Run.objects.get().state) == (None, State.CANCELLED)


def test_what_comes_too_late_does_not_start():
    run = run_make(expires_at=database_now() - timedelta(seconds=1))

    assert (start(run), Run.objects.get().state) == (None, State.EXPIRED)


def test_a_singleton_is_skipped_while_another_is_at_work():
    run_make(State.RUNNING)
    run = run_make()

    assert start(run, Traits(limit_seconds=60, singleton=True)) is None
    assert Run.objects.get(id=run.id).state == State.SKIPPED


@pytest.mark.django_db(transaction=True)
def test_of_singletons_at_once_one_runs():
    runs = [run_make() for _ in range(4)]

    assert len(start_at_once(runs, Traits(limit_seconds=60, singleton=True))) == 1


def test_the_run_of_a_process_that_is_gone_is_taken_over_at_once():
    run = run_make(State.RUNNING, worker=f"{settings.NODE_NAME}/{NO_SUCH_PROCESS}")

    assert start(run).attempt == 2


@pytest.mark.parametrize("worker", [f"{settings.NODE_NAME}/1", "another-node/1"])
def test_the_run_of_a_process_that_may_live_is_not(worker):
    run = run_make(State.RUNNING, worker=worker)

    assert start(run) is None


@pytest.mark.django_db(transaction=True)
def test_a_start_touches_no_index():
    """So that a task costs two indexed writes: the row's own, and the one that ends it."""
    run = run_make()
    before = hot_updates()

    start(run)

    assert hot_updates() - before == 1
    assert Run.objects.get().worker == worker_name()


def hot_updates() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_get_tuples_hot_updated('runs_run'::regclass)")
        return cursor.fetchone()[0]


def test_every_state_has_its_followers_and_the_final_ones_none():
    assert set(FOLLOWS) == set(State)
    assert {following for state in FINAL for following in FOLLOWS[state]} == set()
