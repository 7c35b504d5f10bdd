"""A run that moves events on: each of them once, whatever one of them does, and it can be held and taken back."""

from datetime import timedelta

import pytest

from apps.events import services
from apps.events.enums import Kind, Status
from apps.events.models import Event, EventHistory
from apps.events.services import TRANSITION
from apps.events.tasks import archive_old_completed_events, mark_ended_events_as_completed
from apps.events.tests.factories import EventFactory, status
from core.clock import database_now
from core.runs.enums import State
from core.runs.errors import RunHeldError
from core.runs.models import Run, RunItem
from core.runs.tests.apart import at_once
from core.sweep.batches import BATCH_ROWS
from core.sweep.preview import sweep_preview
from core.sweep.registry import sweep_for
from core.sweep.services.undo import changes_undo
from core.sweep.tests.curses import curse, lift_curse
from core.sweep.walk import Tally

pytestmark = pytest.mark.django_db

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


def test_run_takes_more_than_a_batch_and_counts_each_once() -> None:
    events_make(BATCH_ROWS + 3)

    assert services.events_move_on() == BATCH_ROWS + 3
    assert services.events_move_on() == 0
    assert EventHistory.objects.values("event").distinct().count() == BATCH_ROWS + 3


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_share_the_work_without_overlap() -> None:
    events_make(3000)

    counts = at_once(services.events_move_on)

    assert sum(counts) == Event.objects.filter(status=Status.COMPLETED).count() == 3000
    assert EventHistory.objects.values("event").distinct().count() == EventHistory.objects.count() == 3000


def test_event_that_raises_stops_nobody_and_is_listed(at_work) -> None:
    run = at_work(name=mark_ended_events_as_completed.name)
    bad, good = EventFactory(starts_in=-6, title="Cursed"), EventFactory(starts_in=-5)
    curse("events_event", "status")

    assert services.events_move_on() == 1

    assert (status(bad), status(good)) == (Status.CONFIRMED, Status.COMPLETED)
    assert list(RunItem.objects.filter(run=run).values_list("subject", "outcome", "error")) == [
        (f"events.event:{bad.pk}", "failed", "not this one")
    ]
    lift_curse()
    at_work(name=mark_ended_events_as_completed.name)
    assert services.events_move_on(failed_of=str(run.id)) == 1


def test_preview_names_what_the_run_then_does() -> None:
    event = EventFactory(starts_in=-5, title="Fair", organisation__slug="harbour")
    now = database_now()

    preview = sweep_preview(sweep=TRANSITION, now=now)

    (row,) = preview.rows
    assert (row.subject, row.what) == (f"events.event:{event.pk}", "Complete 'Fair' of harbour")
    assert row.why == f"CONFIRMED, and over its time since {event.starts_at:%Y-%m-%d %H:%M} UTC"
    assert services.events_move_on(now=now) == 1


def test_run_that_would_end_unusually_many_is_held_before_its_first(at_work) -> None:
    events_make(TRANSITION.guard.rows + 1)
    at_work(name=mark_ended_events_as_completed.name)

    with pytest.raises(RunHeldError, match="1,001 rows would be moved on, more than the limit of 1,000"):
        services.events_move_on()

    assert Event.objects.exclude(status=Status.CONFIRMED).count() == 0


def test_undo_gives_back_status_and_hints(at_work) -> None:
    """A clock that jumped ended them all too early: they wait for their own times again."""
    began, to_come = EventFactory(starts_in=-1, lasts=5), EventFactory()
    before = list(Event.objects.values_list("status", "transition_at", "completed_at", "archive_at"))
    run = at_work(name=mark_ended_events_as_completed.name)
    assert services.events_move_on(now=database_now() + 9 * DAY) == 2
    at_work(name="sweep.undo_run")

    assert changes_undo(run_id=run.id) == Tally(examined=2, changed=2)

    assert list(Event.objects.values_list("status", "transition_at", "completed_at", "archive_at")) == before
    assert list(to_come.history.values_list("kind", "old", "new")) == [
        (Kind.COMPLETED, "CONFIRMED", "COMPLETED"),
        (Kind.RESTORED, "COMPLETED", "CONFIRMED"),
    ]
    assert services.events_move_on() == 0
    assert status(began) == Status.ONGOING


def test_undo_leaves_what_somebody_has_changed_since(at_work) -> None:
    event = EventFactory(starts_in=-1)
    run = at_work(name=mark_ended_events_as_completed.name)
    services.events_move_on()
    at_work(name=mark_ended_events_as_completed.name)
    services.events_move_on(now=event.end_date + TICK)
    undo = at_work(name="sweep.undo_run")

    changes_undo(run_id=run.id)

    assert status(event) == Status.COMPLETED
    item = RunItem.objects.get(run=undo)
    assert item.error.startswith("Changed since by Mark Ended Events as Completed: completed at ")


def test_task_answers_with_the_number_that_people_print(capsys) -> None:
    EventFactory.create_batch(2, starts_in=-5)
    EventFactory(starts_in=-1)

    result = mark_ended_events_as_completed()
    print(f"Marked {result} events as completed")

    assert capsys.readouterr().out.endswith("Marked 2 events as completed\n")


def test_tasks_are_on_record_and_retried_by_the_default_policy() -> None:
    task = mark_ended_events_as_completed

    assert (task.name, task.ledger, task.policy) == ("events.mark_ended_events_as_completed", True, "default")
    assert (task.acks_late, task.reject_on_worker_lost) == (True, True)
    assert sweep_for(task.name) is TRANSITION


def test_archive_can_be_taken_back(at_work) -> None:
    event = EventFactory(starts_in=-5)
    services.events_move_on(now=database_now() - 2 * TICK)
    run = at_work(name=archive_old_completed_events.name)
    assert services.events_archive(now=database_now() + 91 * DAY) == 1
    at_work(name="sweep.undo_run")

    assert changes_undo(run_id=run.id) == Tally(examined=1, changed=1)

    event.refresh_from_db()
    assert (event.archived_at, event.archive_at) == (None, event.completed_at + 90 * DAY)


@pytest.mark.django_db(transaction=True)
def test_task_goes_through_the_queue(work) -> None:
    """`.delay()` gives the id under which it is followed."""
    EventFactory(starts_in=-5)

    asked = mark_ended_events_as_completed.delay()

    with work():
        assert asked.get(timeout=30) == 1
    run = Run.objects.get(id=asked.id)
    assert (run.state, run.changed, run.result) == (State.SUCCEEDED, 1, 1)
    assert EventHistory.objects.get().run_id == run.id


def events_make(count: int) -> None:
    """Make many that have ended, quicker than one by one."""
    one = EventFactory(starts_in=-5)
    Event.objects.bulk_create(
        Event(
            organisation=one.organisation,
            title="Many",
            slug=f"many-{n}",
            tz="UTC",
            status=Status.CONFIRMED,
            starts_at=one.starts_at,
            end_date=one.end_date,
        )
        for n in range(1, count)
    )
