"""A sweep whose rule is Python keeps every promise of one whose rule is SQL."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from core.clock import database_now
from core.runs.errors import RunHeldError
from core.runs.models import RunItem
from core.runs.tests.apart import apart, at_once
from core.sweep.batches import BATCH_ROWS
from core.sweep.declaration import Decision
from core.sweep.preview import due_count, sweep_preview, taken_count
from core.sweep.services import sweep_run
from core.sweep.services.undo import changes_undo
from core.sweep.tests.parcels import PARCELS, SENDING, ask, change, hint_of, parcel_make, sent
from core.sweep.walk import Tally

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
ASKED = []


def decide(rows, now):
    """A parcel whose doubt is "?" cannot be decided about; one that is kept is due a day later."""
    ASKED.append(len(rows))
    for parcel, hint, due, kept, doubt in rows:
        if doubt == "?":
            raise ValueError("nobody knows")
        yield parcel, hint, due + timedelta(days=1) if kept else due


DECIDED = replace(
    PARCELS,
    columns="t.due, t.kept, t.doubt",
    check="SELECT due.id, due.hint, due.due, due.kept, due.doubt FROM due",
    decision=Decision((), decide),
)
DECIDING = replace(SENDING, due=DECIDED)


def doubt(parcel: int, why: str) -> None:
    change("UPDATE parcel SET doubt = %s WHERE id = %s", why, parcel)


def test_what_the_rule_says_is_due_is_changed_and_the_rest_gets_its_hint_mended():
    due, (kept,) = parcel_make(2, hours=3), parcel_make(kept=True)
    day = ask("SELECT due + interval '1 day' FROM parcel WHERE id = %s", kept)[0]

    assert sweep_run(sweep=DECIDING) == Tally(examined=3, changed=2)
    assert (sent(), hint_of(kept)) == (due, day)


def test_the_rule_is_asked_once_for_each_batch():
    parcel_make(BATCH_ROWS + 3)
    ASKED.clear()

    assert sweep_run(sweep=DECIDING).changed == BATCH_ROWS + 3
    assert ASKED == [BATCH_ROWS, 3, 0]


@pytest.mark.parametrize("why", ["?", "no address"])
def test_a_row_that_it_cannot_decide_about_stops_nobody_as_one_that_raises(at_work, why):
    run = at_work()
    (bad,), good, now = parcel_make(), parcel_make(3), database_now()
    doubt(bad, why)

    # What it cannot decide about is not counted before; what the database will refuse is not known before.
    total = 3 if why == "?" else 4
    assert sweep_run(sweep=DECIDING, now=now) == Tally(examined=4, changed=3, failed=1, total=total)

    assert (sent(), hint_of(bad)) == (good, now + HOUR)
    assert RunItem.objects.get(run=run, outcome="failed").subject == f"tests.parcel:{bad}"


def test_only_what_failed_is_tried_again(at_work):
    run = at_work()
    (bad,), _ = parcel_make(), parcel_make(2, kept=True)
    doubt(bad, "no address")
    sweep_run(sweep=DECIDING)
    doubt(bad, "")

    assert sweep_run(sweep=DECIDING, failed_of=run.id).changed == 1
    assert sent() == [bad]


def test_preview_count_and_guard_say_what_the_run_does(at_work):
    overdue, (first,) = parcel_make(5, hours=1), parcel_make(hours=9)
    parcel_make(kept=True)
    now = database_now()

    preview = sweep_preview(sweep=DECIDING, now=now, limit=2)

    assert (preview.count, due_count(due=DECIDED, now=now), taken_count(due=DECIDED, now=now, limit=4)) == (6, 6, 4)
    assert [row.subject for row in preview.rows] == [f"tests.parcel:{parcel}" for parcel in (first, overdue[0])]
    at_work()
    with pytest.raises(RunHeldError):
        sweep_run(sweep=DECIDING)
    assert sent() == []


def test_more_than_a_page_is_counted():
    parcel_make(BATCH_ROWS * 2 + 1)

    assert due_count(due=DECIDED, now=database_now()) == BATCH_ROWS * 2 + 1


def test_a_run_is_undone(at_work):
    run = at_work()
    parcel_make(3)
    sweep_run(sweep=DECIDING)
    at_work(name="sweep.undo_run")

    assert changes_undo(run_id=run.id).changed == 3
    assert sent() == []


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_share_the_rows():
    parcel_make(BATCH_ROWS * 4)

    done = at_once(partial(sweep_run, sweep=DECIDING))

    assert sum(each.changed for each in done) == len(sent()) == BATCH_ROWS * 4


@pytest.mark.django_db(transaction=True)
def test_facts_are_younger_than_the_locks():
    """What was committed before the rows were locked is known to the rule, however long the statement before took."""
    (parcel,) = parcel_make()
    late = replace(DECIDED, waiting="t.sent_at IS NULL AND pg_sleep(0.3) IS NOT NULL")

    with ThreadPoolExecutor(1) as pool:
        sweep = pool.submit(apart, sweep_run, sweep=replace(DECIDING, due=late))
        while not ask("SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"):
            assert not sweep.done()
        change("UPDATE parcel SET kept = true WHERE id = %s", parcel)
        assert sweep.result().changed == 0

    assert sent() == []
