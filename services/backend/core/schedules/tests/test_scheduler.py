"""Beat puts each slot on record once, whatever else is running or away. Real PostgreSQL, real Redis, no worker."""

import logging
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import psycopg
import pytest
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask

from core.clock import database_now
from core.runs.enums import State, Trigger
from core.runs.models import Run
from core.runs.tests.factories import nothing
from core.schedules import scheduler as module
from core.schedules.enums import CatchUp
from core.schedules.jobs import JobSpec
from core.schedules.models import Schedule
from core.schedules.scheduler import SlotScheduler
from core.schedules.selectors import last_slot_get
from core.schedules.services import schedules_sync
from core.schedules.services.claim import slots_claim
from tests.integration.stacks import poll

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = timedelta(minutes=1)


@pytest.fixture
def queue(redis_server):
    """Return a function that counts the messages waiting for the task, apart from the heartbeat's."""
    with current_app.connection_for_write() as broker:
        channel = broker.default_channel
        channel.client.flushdb()
        yield lambda: channel.client.llen("tests")


def declare(minutes: int) -> JobSpec:
    """Declare a schedule of so many slots, the newest in this minute; beat last looked before the first.

    However slow this machine is, the next one comes in an hour only.
    """
    this_minute = database_now().replace(second=0, microsecond=0)
    fields = ",".join(str((this_minute - back * MINUTE).minute) for back in range(minutes))
    spec = JobSpec(key="chore", task=nothing.name, crontab=f"{fields} * * * *", expire_seconds=50, queue="tests")
    schedules_sync(specs=[spec], now=this_minute)
    Schedule.objects.update(handled_until=this_minute - minutes * MINUTE, times=f"{spec.crontab} UTC")
    return spec


@pytest.fixture
def due() -> JobSpec:
    """Declare a schedule of which one slot has come since beat last looked."""
    return declare(minutes=1)


class Keeping(logging.Handler):
    """Keep the records; when Celery first loads its tasks it sets logging up, which flushes every handler."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append(record)


@pytest.fixture
def said() -> Iterator[list[logging.LogRecord]]:
    handler = Keeping()
    logging.getLogger("deskbeat.schedules").addHandler(handler)
    yield handler.kept
    logging.getLogger("deskbeat.schedules").removeHandler(handler)


def handled_until(span: timedelta) -> None:
    """Make beat's last look one so long ago."""
    Schedule.objects.update(handled_until=database_now() - span)


def scheduler() -> SlotScheduler:
    return SlotScheduler(app=current_app._get_current_object())


def tick_all(beat: SlotScheduler) -> float:
    """Tick until nothing more is due, as beat's loop does."""
    while (seconds := beat.tick()) == 0:
        pass
    return seconds


def slots() -> list[tuple[str, str, int]]:
    """Return each slot on record, oldest first: state, trigger, minutes before the newest."""
    runs = list(Run.objects.order_by("slot"))
    return [(run.state, run.trigger, round((runs[-1].slot - run.slot) / MINUTE)) for run in runs]


def test_a_slot_is_put_on_record_once_sent_and_counted(queue, due):
    beat = scheduler()

    tick_all(beat)
    tick_all(beat)

    run, task = Run.objects.get(), PeriodicTask.objects.get()
    assert (run.name, run.requested_by, run.trigger, run.state) == ("tests.nothing", "chore", "schedule", State.QUEUED)
    assert run.slot == last_slot_get(schedule=run.schedule)
    assert timedelta(0) <= run.queued_at - run.slot < 5 * MINUTE
    assert run.expires_at == run.queued_at + timedelta(seconds=50)
    assert (queue(), task.total_run_count, task.last_run_at) == (1, 1, run.queued_at)


def test_a_second_beat_sends_nothing_twice(queue, due):
    first, second = scheduler(), scheduler()
    for beat in (first, second):
        beat._read()

    tick_all(first)
    tick_all(second)

    assert (queue(), Run.objects.count(), PeriodicTask.objects.get().total_run_count) == (1, 1, 1)


def test_a_schedule_that_another_beat_is_at_is_left_to_it_and_looked_at_again(queue, due):
    beat = scheduler()
    with other_connection() as other:
        other.execute("SELECT id FROM schedules_schedule FOR NO KEY UPDATE")
        assert 0 < tick_all(beat) <= 0.2
        assert Run.objects.count() == 0

    beat._plan = None
    tick_all(beat)
    assert Run.objects.count() == 1


def test_a_restarted_beat_does_not_send_again(queue, due):
    tick_all(scheduler())

    tick_all(scheduler())

    assert queue() == 1


def test_the_line_that_log_monitors_know_is_written_once_by_the_beat_that_claimed(queue, due, said):
    for beat in (scheduler(), scheduler()):
        tick_all(beat)

    lines = [record.getMessage() for record in said]
    assert lines.count("Scheduler: Sending due task chore (tests.nothing)") == 1


def test_a_slot_that_the_broker_refuses_is_on_record_and_sent_when_it_is_back(queue, due, monkeypatch):
    monkeypatch.setattr(module, "MEND_SECONDS", 0)
    beat = scheduler()
    with current_app.connection_for_write() as broker:
        client = broker.default_channel.client
        client.config_set("maxmemory", "1")
        tick_all(beat)
        refused = (queue(), Run.objects.count(), beat.waiting)
        client.config_set("maxmemory", "0")

    tick_all(beat)

    assert refused == (0, 1, "the broker")
    assert (queue(), Run.objects.count()) == (1, 1)


def test_beat_outlives_a_database_that_drops_its_connections(queue, due):
    beat = scheduler()
    beat._read()
    drop_connections()

    tick_all(beat)
    tick_all(beat)

    assert queue() == 1


def test_beat_starts_without_a_database(queue, due, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nonexistent")
    connection.close()
    beat = scheduler()

    assert (beat.tick(), beat.waiting) == (1.0, "the database")

    monkeypatch.undo()
    tick_all(beat)
    assert (queue(), beat.waiting) == (1, "")


def test_the_heartbeat_goes_to_this_nodes_own_queue_at_once(queue):
    beat = scheduler()

    seconds = beat.tick()

    with current_app.connection_for_write() as broker:
        waiting = broker.default_channel.client.llen(f"heartbeat.{settings.NODE_NAME}")
    assert (waiting, seconds <= settings.HEARTBEAT_INTERVAL_SECONDS) == (1, True)


def test_a_fault_in_mending_never_stops_the_slots(queue, due, monkeypatch):
    def fault() -> None:
        raise RuntimeError("wrong")

    monkeypatch.setattr(module, "runs_reconcile", fault)

    tick_all(scheduler())

    assert queue() == 1


def test_a_schedule_at_fault_stops_no_other(queue, due):
    PeriodicTask.objects.create(name="broken", task="nobody.does", crontab=CrontabSchedule.objects.get(), args="{[")
    beat = scheduler()
    tick_all(beat)
    Schedule.objects.filter(key="broken").update(handled_until=database_now() - MINUTE)
    beat._plan = None

    tick_all(beat)

    assert Counter(Run.objects.values_list("requested_by", flat=True)) == {"chore": 1}


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


def test_a_schedule_made_by_hand_gets_a_row_that_is_no_orphan(queue, due):
    every, _ = IntervalSchedule.objects.get_or_create(every=1, period="seconds")
    PeriodicTask.objects.create(name="by hand", task="nobody.does", interval=every, queue="tests")

    tick_all(scheduler())
    schedules_sync(specs=[due], now=database_now())

    made = Schedule.objects.get(key="by hand")
    assert (made.declared, made.orphaned_at, made.periodic_task.enabled) == (False, None, True)


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


def test_the_messages_carry_what_the_row_says(queue, due):
    PeriodicTask.objects.update(args='["a"]', kwargs='{"b": 1}', headers='{"c": 2}', priority=3)

    tick_all(scheduler())

    run = Run.objects.get()
    headers = {"c": 2, "periodic_task_name": "chore", "celery_beat_task": True}
    assert (run.args, run.kwargs, run.queue) == (["a"], {"b": 1}, "tests")
    assert run.options == {"headers": headers, "priority": 3}
    assert Trigger(run.trigger) == Trigger.SCHEDULE


def other_connection() -> psycopg.Connection:
    settings_ = connection.settings_dict
    keys = {"host": "HOST", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return psycopg.connect(**{key: str(settings_[name]) for key, name in keys.items()})


def drop_connections() -> None:
    """End every other session of the test database, as a restart of the server does."""
    with other_connection() as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_task_that_opted_out_is_sent_once_for_all_slots_and_leaves_no_row(queue):
    declare(minutes=5)
    PeriodicTask.objects.update(task="effects.deliver")

    for beat in (scheduler(), scheduler()):
        tick_all(beat)

    assert (queue(), Run.objects.count(), PeriodicTask.objects.get().total_run_count) == (1, 0, 1)


def test_a_schedule_that_is_deleted_while_beat_is_at_it_leaves_its_run_behind(queue, due):
    claimed = Event()

    def claim() -> None:
        with transaction.atomic():
            slots_claim(task_id=PeriodicTask.objects.get().pk)
            claimed.set()
            poll(is_waited_for, what="the deletion waits")
        connection.close()

    with ThreadPoolExecutor(1) as beat:
        done = beat.submit(claim)
        assert claimed.wait(30)
        PeriodicTask.objects.get().delete()
        done.result()

    assert Run.objects.values_list("name", "schedule").get() == ("tests.nothing", None)


def is_waited_for() -> bool:
    """Tell whether another transaction waits for this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])
