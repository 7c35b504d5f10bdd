"""What a sweep does to rows that are due: each once, in short batches, whatever one of them does."""

import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from core.clock import database_now
from core.runs.errors import RunCancelledError
from core.runs.models import Run, RunItem
from core.runs.running import running
from core.runs.tests.apart import apart, at_once
from core.sweep.batches import BATCH_ROWS, batch_transaction
from core.sweep.declaration import Failure
from core.sweep.services import sweep_run
from core.sweep.services.run import failed_items
from core.sweep.tests.parcels import SENDING, ask, change, hint_of, parcel_make, sent
from core.sweep.walk import Tally

pytestmark = pytest.mark.django_db


def test_what_is_due_is_changed_and_the_rest_is_not():
    due, _ = parcel_make(hours=1), parcel_make(hours=-1)

    assert sweep_run(sweep=SENDING) == Tally(examined=1, changed=1)
    assert sent() == due


def test_a_row_that_is_not_due_by_the_rule_gets_its_hint_mended():
    (parcel,) = parcel_make(kept=True)

    assert sweep_run(sweep=SENDING) == Tally(examined=1)
    assert (sent(), hint_of(parcel)) == ([], None)


def test_more_than_a_batch_is_done_in_one_run():
    parcel_make(BATCH_ROWS + 3)

    assert sweep_run(sweep=SENDING).changed == BATCH_ROWS + 3


def test_a_row_that_raises_stops_nobody_and_is_tried_again_in_an_hour(at_work):
    run = at_work()
    (bad,), good = parcel_make(doubt="no address"), parcel_make(3)
    now = database_now()

    assert sweep_run(sweep=SENDING, now=now) == Tally(examined=4, changed=3, failed=1, total=4)

    assert (sent(), hint_of(bad)) == (good, now + timedelta(hours=1))
    assert list(RunItem.objects.filter(run=run, outcome="failed").values_list("subject", "error")) == [
        (f"tests.parcel:{bad}", "no address")
    ]


def test_a_direct_call_leaves_no_items():
    parcel_make(2)

    sweep_run(sweep=SENDING)

    assert (RunItem.objects.count(), len(sent())) == (0, 2)


def test_a_run_is_told_its_counts_and_how_far_it_is(at_work):
    at_work()
    parcel_make(3)

    sweep_run(sweep=SENDING)

    run = running()
    assert (run.examined, run.changed, run.failed, run.done, run.total) == (3, 3, 0, 3, 3)


def test_what_is_committed_is_counted_whatever_happens_next(at_work):
    """A worker that dies says no last word: the row has the counts all the same."""
    run = at_work(approved=True)
    parcel_make(BATCH_ROWS + 1, doubt="no address")
    parcel_make(BATCH_ROWS)

    sweep_run(sweep=SENDING)

    assert Run.objects.values_list("examined", "changed", "failed", "progress_done").get(id=run.id) == (
        BATCH_ROWS * 2 + 1,
        BATCH_ROWS,
        BATCH_ROWS + 1,
        BATCH_ROWS * 2 + 1,
    )


def test_an_attempt_that_lost_its_run_changes_nothing_more(at_work):
    run = at_work()
    Run.objects.filter(id=run.id).update(attempt=2)
    parcel_make(2)

    with pytest.raises(RunCancelledError):
        sweep_run(sweep=SENDING)

    assert sent() == []


def test_another_attempt_counts_what_the_first_has_committed(at_work):
    at_work(attempt=2, examined=7, changed=6, failed=1)
    parcel_make(2)

    sweep_run(sweep=SENDING)

    assert (running().examined, running().changed, running().failed) == (9, 8, 1)


@pytest.mark.django_db(transaction=True)
def test_another_attempt_waits_for_the_batch_of_a_dead_worker(at_work):
    """Its server process finishes what it was told, and commits."""
    run = at_work(attempt=2)
    first, *rest = parcel_make(3)

    with ThreadPoolExecutor(1) as pool:
        with batch_transaction(run.id) as (cursor, _):
            cursor.execute("UPDATE parcel SET sent_at = now(), send_at = NULL WHERE id = %s", [first])
            Run.objects.filter(id=run.id).update(examined=1, changed=1)
            sweep = pool.submit(copy_context().run, partial(apart, sweep_run, sweep=SENDING))
            while not ask("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
                assert not sweep.done()
                time.sleep(0.01)
        assert sweep.result().changed == 1 + len(rest)

    assert len(sent()) == 3


def test_a_cancelled_run_ends_between_batches_and_keeps_what_is_committed(at_work):
    run = at_work(approved=True)
    parcel_make(BATCH_ROWS * 3)
    # The cancel arrives while the first batch is at work.
    change(
        "CREATE FUNCTION pg_temp.cancel() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE runs_run SET cancel_requested_at = now(); RETURN NULL; END $$;"
        "CREATE TRIGGER cancel AFTER UPDATE ON parcel FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.cancel()"
    )

    with pytest.raises(RunCancelledError):
        sweep_run(sweep=SENDING)

    assert len(sent()) == BATCH_ROWS == running().changed
    assert Run.objects.get(id=run.id).cancel_requested_at


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_share_the_rows_and_none_is_changed_twice():
    parcel_make(BATCH_ROWS * 6)
    change(
        "CREATE TABLE IF NOT EXISTS parcel_change (id bigint);"
        "CREATE FUNCTION pg_temp_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO parcel_change VALUES (NEW.id); RETURN NULL; END $$;"
        "CREATE TRIGGER note AFTER UPDATE OF sent_at ON parcel FOR EACH ROW EXECUTE FUNCTION pg_temp_note()"
    )

    done = at_once(partial(sweep_run, sweep=SENDING))

    assert sum(each.changed for each in done) == len(ask("SELECT id FROM parcel_change")) == BATCH_ROWS * 6
    assert len(ask("SELECT DISTINCT id FROM parcel_change")) == BATCH_ROWS * 6
    change("DROP TABLE parcel_change; DROP FUNCTION pg_temp_note() CASCADE")


def test_what_follows_is_done_with_the_row_and_what_of_it_fails_is_listed(at_work):
    """As mail to several people: one that cannot be done fails neither the others nor the row."""
    run, told = at_work(), []
    first, second = parcel_make(2)

    def tell(ids, now):
        told.extend(ids)
        yield Failure("tests.addressee:7", "no such street")

    assert sweep_run(sweep=replace(SENDING, then=tell, batch_rows=1)) == Tally(examined=2, changed=2, failed=2, total=2)

    assert (told, sent()) == ([first, second], [first, second])
    assert set(RunItem.objects.filter(run=run, outcome="failed").values_list("subject", "error")) == {
        ("tests.addressee:7", "no such street")
    }
    assert not failed_items(SENDING, run.id).exists()


def test_a_row_whose_consequence_raises_is_not_changed_and_stops_nobody(at_work):
    at_work()
    bad, good = parcel_make(2)

    def tell(ids, now):
        if bad in ids:
            raise ValueError("no text")
        return ()

    assert sweep_run(sweep=replace(SENDING, then=tell)) == Tally(examined=2, changed=1, failed=1, total=2)
    assert sent() == [good]


def test_what_follows_may_be_for_some_of_the_changed_rows_alone():
    first, *_ = parcel_make(3)
    told = []

    def tell(ids, now):
        told.append(ids)
        return ()

    sweep_run(sweep=replace(SENDING, then=tell, followed=f"id = {first}"))
    parcel_make(2)
    sweep_run(sweep=replace(SENDING, then=tell, followed="false"))

    assert (told, len(sent())) == ([[first]], 5)


def test_what_the_chore_is_named_for_is_counted_beside():
    parcel_make(3)
    last = max(ask("SELECT max(id) FROM parcel"))

    assert sweep_run(sweep=replace(SENDING, counted=f"id < {last}")).counted == 2


def test_memory_does_not_grow_with_the_rows():
    parcel_make(BATCH_ROWS * 2)
    sweep_run(sweep=SENDING)
    peaks = []
    for batches in (2, 20):
        parcel_make(BATCH_ROWS * batches)
        tracemalloc.start()
        sweep_run(sweep=SENDING)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < peaks[0] * 2 + 100_000
