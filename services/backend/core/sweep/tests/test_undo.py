"""A run is taken back as far as nobody has touched its rows since."""

from dataclasses import replace

import pytest

from core.audit.models import Audit
from core.audit.services import Operator
from core.runs.enums import OPEN, State, Trigger
from core.runs.errors import RunRefusedError
from core.runs.models import Run, RunItem
from core.runs.tests.factories import run_make
from core.sweep.batches import BATCH_ROWS
from core.sweep.services import run_retry_items, run_undo
from core.sweep.services.undo import changes_undo
from core.sweep.tests.ends import end, settled
from core.sweep.tests.parcels import SENDING, change, hint_of, parcel_make, send_parcels, sent, weigh_parcels
from core.sweep.walk import Tally

pytestmark = pytest.mark.django_db
EVE = Operator("eve")


def test_undo_puts_every_row_back_as_it_was(done, at_work):
    parcels = parcel_make(BATCH_ROWS + 2)
    hint = hint_of(parcels[0])
    run = done()
    at_work(name="sweep.undo_run")

    assert changes_undo(run_id=run.id) == Tally(examined=BATCH_ROWS + 2, changed=BATCH_ROWS + 2)

    assert (sent(), hint_of(parcels[0])) == ([], hint)
    assert RunItem.objects.filter(run=run, undone_at__isnull=True).count() == 0


def test_undo_leaves_what_somebody_has_touched_and_says_so(done, at_work):
    mine, touched = parcel_make(2)
    run = done()
    change("UPDATE parcel SET sent_at = now() + interval '1 minute' WHERE id = %s", touched)
    undo = at_work(name="sweep.undo_run")

    assert changes_undo(run_id=run.id) == Tally(examined=2, changed=1, failed=1)

    assert (sent(), hint_of(mine) is not None) == ([touched], True)
    items = RunItem.objects.filter(run=undo).values_list("subject", "outcome", "error")
    assert list(items) == [(f"tests.parcel:{touched}", "failed", "Sent by somebody else since.")]


def test_undo_of_one_run_leaves_another_runs_rows(done, at_work):
    (first,) = parcel_make()
    run = done()
    (second,) = parcel_make()
    done()
    at_work(name="sweep.undo_run")

    changes_undo(run_id=run.id)

    assert (sent(), hint_of(first) is not None) == ([second], True)


def test_what_followed_is_taken_back_with_the_restored_rows_alone(done, at_work, monkeypatch):
    mine, touched = parcel_make(2)
    run, told = done(), []
    change("UPDATE parcel SET sent_at = now() + interval '1 minute' WHERE id = %s", touched)
    undoing = replace(SENDING, undo=replace(SENDING.undo, then=told.append))
    monkeypatch.setattr(send_parcels, "sweep", undoing)
    at_work(name="sweep.undo_run")

    changes_undo(run_id=run.id)

    assert told == [[mine]]


def test_a_row_that_cannot_be_restored_stops_nobody(done, at_work):
    bad, _, _ = parcel_make(3)
    run = done()
    change("UPDATE parcel SET doubt = 'sealed' WHERE id = %s", bad)
    undo = at_work(name="sweep.undo_run")

    assert changes_undo(run_id=run.id) == Tally(examined=3, changed=2, failed=1)

    assert sent() == [bad]
    assert list(RunItem.objects.filter(run=undo).values_list("subject", "error")) == [(f"tests.parcel:{bad}", "sealed")]


def test_another_attempt_of_an_undo_goes_on_where_the_first_ended(done, at_work):
    parcel_make(3)
    run = done()
    change("UPDATE parcel SET doubt = 'sealed' WHERE id = (SELECT max(id) FROM parcel)")
    undo = at_work(name="sweep.undo_run")
    changes_undo(run_id=run.id)
    Run.objects.filter(id=undo.id).update(changed=2)
    change("UPDATE parcel SET doubt = ''")

    assert changes_undo(run_id=run.id) == Tally(examined=3, changed=3)

    assert (sent(), RunItem.objects.filter(run=undo).count()) == ([], 0)


def test_undo_is_a_run_of_its_own_on_record(done):
    parcel_make()
    run = done()

    undo = run_undo(run=run, operator=EVE)

    run.refresh_from_db()
    assert (undo.name, undo.trigger, undo.requested_by, undo.kwargs) == (
        "sweep.undo_run",
        Trigger.UNDO,
        "eve",
        {"run": str(run.id)},
    )
    assert run.undone_by == undo
    assert Audit.objects.values_list("verb", "data").get() == ("run.undo", {"undo": str(undo.id)})


@pytest.mark.parametrize("state", sorted(OPEN))
def test_undo_of_an_open_run_is_refused(state):
    with pytest.raises(RunRefusedError, match=f"has not ended \\({state}\\)"):
        run_undo(run=run_make(state, name="tests.send_parcels"), operator=EVE)


def test_undo_of_a_run_that_changed_nothing_is_refused(done):
    with pytest.raises(RunRefusedError, match="changed nothing"):
        run_undo(run=done(), operator=EVE)


def test_undo_of_a_task_without_an_undo_is_refused():
    run = run_make(State.SUCCEEDED, name=weigh_parcels.name)

    with pytest.raises(RunRefusedError, match="cannot be undone"):
        run_undo(run=run, operator=EVE)


def test_undo_of_a_run_whose_app_is_off_is_refused():
    with pytest.raises(RunRefusedError, match=r"no app that is installed here registers of_no_app\.work"):
        run_undo(run=run_make(State.SUCCEEDED, name="of_no_app.work"), operator=EVE)


def test_a_second_undo_is_refused_while_the_first_is_open_and_when_it_went_well(done):
    parcel_make()
    run = done()
    undo = run_undo(run=run, operator=EVE)

    with pytest.raises(RunRefusedError, match="is being undone"):
        run_undo(run=run, operator=EVE)

    end(undo)
    with pytest.raises(RunRefusedError, match="was undone already"):
        run_undo(run=run, operator=EVE)


def test_undo_may_be_asked_for_again_when_the_first_was_cancelled(done):
    parcel_make()
    run = done()
    end(run_undo(run=run, operator=EVE), State.CANCELLED)

    again = run_undo(run=run, operator=EVE)

    run.refresh_from_db()
    assert run.undone_by == again


@pytest.mark.django_db(transaction=True)
def test_a_worker_runs_undoes_and_retries(work):
    bad, good = (*parcel_make(doubt="no address"), *parcel_make())
    with work():
        send_parcels.delay()
        run = settled(State.PARTIAL)
        change("UPDATE parcel SET doubt = ''")

        run_retry_items(run=run, operator=EVE)
        settled(State.SUCCEEDED, trigger=Trigger.RETRY)
        assert sent() == [bad, good]

        run_undo(run=run, operator=EVE)
        undo = settled(State.SUCCEEDED, trigger=Trigger.UNDO)

    assert (sent(), undo.result) == ([bad], {"examined": 1, "restored": 1, "failed": 0})
