"""A run that would change unusually much waits for a person, who sees what it would do."""

from datetime import timedelta

import pytest

from core.audit.services import Operator
from core.clock import database_now
from core.runs.enums import State
from core.runs.errors import RunHeldError
from core.runs.models import Run
from core.runs.services.operate import run_approve, run_reject
from core.runs.tests.factories import run_make
from core.sweep.services import sweep_run
from core.sweep.tests.ends import settled
from core.sweep.tests.parcels import SENDING, parcel_make, send_parcels, sent

EVE = Operator("eve")
FEW = SENDING.guard.rows


@pytest.mark.django_db
def test_as_many_as_the_limit_are_changed_without_asking(at_work):
    at_work()
    parcel_make(FEW)

    assert sweep_run(sweep=SENDING).changed == FEW


@pytest.mark.django_db
def test_one_more_is_held_before_the_first_change_with_a_preview(at_work):
    at_work()
    parcels = parcel_make(FEW + 1)

    with pytest.raises(RunHeldError, match="6 rows would be sent, more than the limit of 5") as held:
        sweep_run(sweep=SENDING)

    assert (sent(), held.value.preview["count"]) == ([], FEW + 1)
    assert [row["subject"] for row in held.value.preview["rows"]] == [f"tests.parcel:{parcel}" for parcel in parcels]


@pytest.mark.django_db
def test_what_only_the_hint_calls_due_does_not_count(at_work):
    at_work()
    parcel_make(FEW * 2, kept=True), parcel_make(FEW)

    assert sweep_run(sweep=SENDING).changed == FEW


@pytest.mark.django_db
def test_ten_times_the_usual_is_not_held(at_work):
    past_runs(changed=[1, 3, 900])
    at_work()
    parcel_make(30)

    assert sweep_run(sweep=SENDING).changed == 30


@pytest.mark.django_db
def test_more_than_ten_times_the_usual_is_held(at_work):
    past_runs(changed=[1, 3, 900])
    at_work()
    parcel_make(31)

    with pytest.raises(RunHeldError, match="more than the limit of 30: a usual run changes 3"):
        sweep_run(sweep=SENDING)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields", [{"state": State.FAILED}, {"days": 31}, {"name": "tests.weigh_parcels"}, {"changed": 0}]
)
def test_the_usual_is_of_its_own_recent_runs_that_went_well_and_changed_something(at_work, fields):
    past_runs(**({"changed": [900]} | {key: value for key, value in fields.items() if key != "changed"}))
    Run.objects.filter(changed=900).update(**{key: 0 for key in fields if key == "changed"})
    at_work()
    parcel_make(FEW + 1)

    with pytest.raises(RunHeldError):
        sweep_run(sweep=SENDING)


@pytest.mark.django_db
def test_a_direct_call_is_not_held():
    parcel_make(FEW + 1)

    assert sweep_run(sweep=SENDING).changed == FEW + 1


@pytest.mark.django_db(transaction=True)
def test_a_held_run_does_what_it_announced_once_approved(work):
    parcel_make(FEW + 1)
    with work():
        send_parcels.delay()
        held = settled(State.HELD)
        assert (sent(), held.result["count"], "6 rows would be sent" in held.note) == ([], 6, True)

        run_approve(run=held, operator=EVE)
        run = settled(State.SUCCEEDED)

    assert (run.id, run.changed, run.approved_by, len(sent())) == (held.id, FEW + 1, "eve", FEW + 1)


@pytest.mark.django_db(transaction=True)
def test_while_one_is_held_the_next_is_skipped_and_names_it(work):
    parcel_make(FEW + 1)
    with work():
        send_parcels.delay()
        held = settled(State.HELD)
        send_parcels.delay()
        skipped = settled(State.SKIPPED)

    assert skipped.note == f"Run {held.id} of this task is held: approve or reject it first."
    assert (sent(), Run.objects.filter(finished_at__isnull=True).get()) == ([], held)


@pytest.mark.django_db(transaction=True)
def test_a_rejected_run_changes_nothing(work):
    parcel_make(FEW + 1)
    with work():
        send_parcels.delay()
        run_reject(run=settled(State.HELD), operator=EVE)

    assert (Run.objects.get().state, sent()) == (State.CANCELLED, [])


def past_runs(*, changed, state=State.SUCCEEDED, days=1, name="tests.send_parcels"):
    for count in changed:
        run_make(state, name=name, changed=count, queued_at=database_now() - timedelta(days=days))
