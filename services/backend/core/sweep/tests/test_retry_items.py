"""Only what failed in a run is tried again, by another run."""

import pytest

from core.audit.models import Audit
from core.audit.services import Operator
from core.runs.enums import State
from core.runs.errors import RunRefusedError
from core.runs.models import RunItem
from core.runs.tests.factories import run_make
from core.sweep.services import run_retry_items, sweep_run
from core.sweep.tests.parcels import SENDING, change, hint_of, parcel_make, send_parcels, sent, weigh_parcels
from core.sweep.walk import Tally

pytestmark = pytest.mark.django_db
EVE = Operator("eve")


def test_only_the_items_that_failed_are_tried_again(done, at_work):
    bad, _ = (*parcel_make(doubt="no address"), parcel_make())
    run = done()
    change("UPDATE parcel SET doubt = ''")
    later = parcel_make()
    at_work(retry_of=run)

    assert sweep_run(sweep=SENDING, failed_of=run.id) == Tally(examined=1, changed=1)

    assert bad in sent()
    assert later[0] not in sent()


def test_an_item_that_fails_again_is_on_the_new_runs_record(done, at_work):
    bad, good = (*parcel_make(doubt="no address"), *parcel_make(doubt="no stamp"))
    run = done()
    change("UPDATE parcel SET doubt = '' WHERE id = %s", good)
    again = at_work()

    assert sweep_run(sweep=SENDING, failed_of=run.id) == Tally(examined=2, changed=1, failed=1)

    failed = RunItem.objects.filter(run=again, outcome="failed").values_list("subject", flat=True)
    assert (sent(), list(failed)) == ([good], [f"tests.parcel:{bad}"])


def test_an_item_that_is_no_longer_due_is_not_changed(done, at_work):
    (bad,) = parcel_make(doubt="no address")
    run = done()
    change("UPDATE parcel SET doubt = '', kept = true")
    at_work()

    assert sweep_run(sweep=SENDING, failed_of=run.id) == Tally(examined=1)
    assert (sent(), hint_of(bad)) == ([], None)


def test_retry_of_items_is_a_linked_run_of_the_same_task(done):
    parcel_make(doubt="no address")
    run = done()

    again = run_retry_items(run=run, operator=EVE)

    assert (again.name, again.retry_of, again.kwargs) == (run.name, run, {"failed_of": str(run.id)})
    assert Audit.objects.values_list("verb", "data").get() == ("run.retry_items", {"retry": str(again.id)})


def test_retry_of_items_is_refused_when_none_failed(done):
    parcel_make()

    with pytest.raises(RunRefusedError, match="No item of this run failed"):
        run_retry_items(run=done(), operator=EVE)


def test_retry_of_items_is_refused_for_an_open_run_and_for_a_task_without_a_sweep():
    with pytest.raises(RunRefusedError, match="has not ended"):
        run_retry_items(run=run_make(State.RUNNING, name=send_parcels.name), operator=EVE)
    with pytest.raises(RunRefusedError, match="retry the run instead"):
        run_retry_items(run=run_make(State.PARTIAL, name=weigh_parcels.name), operator=EVE)
