"""Beat puts each slot on record once, whatever else is running or away. Real PostgreSQL, real Redis, no worker."""

import logging
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from core.clock import database_now
from core.runs.enums import State, Trigger
from core.runs.models import Run
from core.runs.tests.apart import apart
from core.schedules import scheduler as module
from core.schedules.models import Schedule
from core.schedules.selectors import last_slot_get
from core.schedules.services import schedules_sync
from core.schedules.services.claim import slots_claim
from core.schedules.tests.beats import MINUTE, declare, scheduler, tick_all
from tests.waiting import poll

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_a_slot_that_the_broker_refuses_is_on_record_and_sent_when_it_is_back(broker, queue, due, monkeypatch):
    monkeypatch.setattr(module, "MEND_SECONDS", 0)
    beat = scheduler()
    broker.config_set("maxmemory", "1")
    tick_all(beat)
    refused = (queue(), Run.objects.count(), beat.waiting)
    broker.config_set("maxmemory", "0")

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


def test_the_heartbeat_goes_to_this_nodes_own_queue_at_once(broker):
    beat = scheduler()

    seconds = beat.tick()

    waiting = broker.llen(f"heartbeat.{settings.NODE_NAME}")
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


def test_a_schedule_made_by_hand_gets_a_row_that_is_no_orphan(queue, due):
    every, _ = IntervalSchedule.objects.get_or_create(every=1, period="seconds")
    PeriodicTask.objects.create(name="by hand", task="nobody.does", interval=every, queue="tests")

    tick_all(scheduler())
    schedules_sync(specs=[due], now=database_now())

    made = Schedule.objects.get(key="by hand")
    assert (made.declared, made.orphaned_at, made.periodic_task.enabled) == (False, None, True)


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

    with ThreadPoolExecutor(1) as beat:
        done = beat.submit(apart, claim)
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
