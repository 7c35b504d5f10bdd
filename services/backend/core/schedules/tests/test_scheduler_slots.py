"""Which slots beat puts on record: those it missed or catches up, and none that nobody is owed."""

from collections import Counter
from datetime import timedelta

import pytest
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, PeriodicTask

from core.clock import database_now
from core.runs.models import Run
from core.schedules.enums import CatchUp
from core.schedules.models import Schedule
from core.schedules.tests.beats import MINUTE, declare, scheduler, tick_all

pytestmark = pytest.mark.django_db(transaction=True)


def handled_until(span: timedelta) -> None:
    """Make beat's last look one so long ago."""
    Schedule.objects.update(handled_until=database_now() - span)


def slots() -> list[tuple[str, str, int]]:
    """Return each slot on record, oldest first: state, trigger, minutes before the newest."""
    runs = list(Run.objects.order_by("slot"))
    return [(run.state, run.trigger, round((runs[-1].slot - run.slot) / MINUTE)) for run in runs]


@pytest.mark.parametrize(
    ("catch_up", "expected"),
    [
        (CatchUp.SKIP, [("MISSED", "schedule"), ("MISSED", "schedule"), ("QUEUED", "schedule")]),
        (CatchUp.ONCE, [("MISSED", "schedule"), ("QUEUED", "catch-up"), ("QUEUED", "schedule")]),
        (CatchUp.ALL, [("QUEUED", "catch-up"), ("QUEUED", "catch-up"), ("QUEUED", "schedule")]),
    ],
)
def test_slots_at_which_no_beat_ran_are_missed_or_caught_up(queue, catch_up, expected):
    declare(minutes=3)
    Schedule.objects.update(catch_up=catch_up)

    for beat in (scheduler(), scheduler()):
        tick_all(beat)

    found = slots()
    assert [(state, trigger) for state, trigger, _ in found] == expected
    assert [before for *_, before in found] == [2, 1, 0]
    assert queue() == PeriodicTask.objects.get().total_run_count == sum(state == "QUEUED" for state, _ in expected)


def test_beyond_its_grace_the_newest_slot_is_missed_too(queue, due):
    Schedule.objects.update(start_grace_seconds=0, catch_up=CatchUp.SKIP)

    tick_all(scheduler())

    assert (slots(), queue()) == ([("MISSED", "schedule", 0)], 0)


def test_after_a_long_absence_the_newest_thousand_are_on_record_and_the_rest_is_named(queue, due, caplog):
    handled_until(timedelta(hours=1500))

    tick_all(scheduler())

    assert Counter(state for state, *_ in slots()) == {"MISSED": 998, "QUEUED": 2}
    rest = "its newest 1,000 slots are on record as missed or caught up, 500 older ones are left out"
    assert f"chore: no beat ran for long; {rest}" in caplog.text


def test_all_are_caught_up_in_small_transactions(queue):
    declare(minutes=50)
    Schedule.objects.update(catch_up=CatchUp.ALL)

    tick_all(scheduler())

    assert Counter(slots()).keys() == {("QUEUED", "catch-up", n) for n in range(1, 50)} | {("QUEUED", "schedule", 0)}
    assert list(Run.objects.order_by("queued_at", "slot")) == list(Run.objects.order_by("slot"))


def test_what_came_due_while_it_was_off_is_not_owed(queue):
    declare(minutes=3)
    beat = scheduler()
    PeriodicTask.objects.update(enabled=False)
    tick_all(beat)
    # A bulk update, as the admin's own action makes it: it leaves no date.
    PeriodicTask.objects.update(enabled=True, date_changed=database_now() - 90 * MINUTE)
    beat._plan = None

    tick_all(beat)

    # The newest may have come within the ten seconds in which such an edit is noticed.
    assert slots() in ([], [("QUEUED", "schedule", 0)])


def test_new_times_hold_from_the_edit_on(queue):
    times = declare(minutes=50).crontab.split(",")
    task = PeriodicTask.objects.get()
    task.crontab = CrontabSchedule.objects.create(minute=",".join([times[0], times[2], times[20]]), timezone="UTC")
    task.save()
    PeriodicTask.objects.update(date_changed=database_now() - 11 * MINUTE)

    tick_all(scheduler())

    assert [before for *_, before in slots()] == [2, 0]


def test_an_edit_of_anything_else_loses_no_slot(queue, due):
    task = PeriodicTask.objects.get()
    task.description = "Edited in the very second at which it is due."
    task.save()

    tick_all(scheduler())

    assert Run.objects.count() == 1


def test_slots_of_a_snooze_are_neither_run_nor_missed(queue, due):
    handled_until(10 * MINUTE)
    Schedule.objects.update(snoozed_until=database_now() + MINUTE)

    tick_all(scheduler())

    assert Run.objects.count() == 0


def test_a_one_off_runs_once_and_is_switched_off(queue):
    clocked = ClockedSchedule.objects.create(clocked_time=database_now() - timedelta(seconds=5))
    PeriodicTask.objects.create(name="once", task="nobody.does", clocked=clocked, one_off=True, queue="tests")

    for beat in (scheduler(), scheduler()):
        tick_all(beat)

    assert (queue(), PeriodicTask.objects.get().enabled) == (1, False)
    assert Run.objects.get().slot == clocked.clocked_time


def test_nothing_comes_before_the_start(queue, due):
    PeriodicTask.objects.update(start_time=database_now() + MINUTE)

    tick_all(scheduler())

    assert Run.objects.count() == 0


def test_nothing_comes_after_the_expiry_and_it_is_switched_off(queue):
    declare(minutes=3)
    # The first of the three slots is the only one before it.
    PeriodicTask.objects.update(expires=Schedule.objects.get().handled_until + 2 * MINUTE)

    tick_all(scheduler())

    assert (Run.objects.count(), PeriodicTask.objects.get().enabled) == (1, False)
