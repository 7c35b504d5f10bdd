"""Beat sends each due entry once, whatever else is running or away. Real PostgreSQL, real Redis, no worker."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from celery import current_app
from django.conf import settings
from django.db import connection
from django_celery_beat.models import PeriodicTask

from core.schedules.jobs import JobSpec
from core.schedules.scheduler import HEARTBEAT, PatientScheduler
from core.schedules.services import schedules_sync

pytestmark = pytest.mark.django_db(transaction=True)

EVERY_MINUTE = JobSpec(
    key="chore", task="nobody.does", crontab="* * * * *", expire_seconds=50, description="", queue="tests"
)


@pytest.fixture
def queue(redis_server):
    """Return a function that counts the messages waiting for the task, apart from the heartbeat's."""
    with current_app.connection_for_write() as broker:
        channel = broker.default_channel
        channel.client.flushdb()
        yield lambda: channel.client.llen("tests")


@pytest.fixture
def due():
    """Declare a schedule that has been due for minutes."""
    schedules_sync(specs=[EVERY_MINUTE], now=datetime.now(UTC))
    PeriodicTask.objects.update(last_run_at=datetime.now(UTC) - timedelta(minutes=5))


def scheduler() -> PatientScheduler:
    return PatientScheduler(app=current_app._get_current_object())


def tick_all(beat: PatientScheduler) -> float:
    """Tick until nothing more is due, as beat's loop does."""
    while (seconds := beat.tick()) == 0:
        pass
    return seconds


def test_a_due_entry_is_sent_once_and_counted(queue, due):
    beat = scheduler()

    tick_all(beat)
    tick_all(beat)

    assert (queue(), PeriodicTask.objects.get().total_run_count) == (1, 1)


def test_a_second_beat_sends_nothing_twice(queue, due):
    first, second = scheduler(), scheduler()
    for beat in (first, second):
        beat.populate_heap()

    tick_all(first)
    tick_all(second)

    assert (queue(), PeriodicTask.objects.get().total_run_count) == (1, 1)


def test_a_restarted_beat_does_not_send_again(queue, due):
    tick_all(scheduler())

    tick_all(scheduler())

    assert queue() == 1


def test_a_tick_that_the_broker_refuses_is_sent_when_it_is_back(queue, due):
    beat = scheduler()
    beat.populate_heap()
    with current_app.connection_for_write() as broker:
        client = broker.default_channel.client
        client.config_set("maxmemory", "1")
        refused = tick_all(beat)
        counted = PeriodicTask.objects.get().total_run_count
        client.config_set("maxmemory", "0")

    tick_all(beat)

    assert (refused, counted) == (1.0, 0)
    assert (queue(), PeriodicTask.objects.get().total_run_count) == (1, 1)


def test_beat_outlives_a_database_that_drops_its_connections(queue, due):
    beat = scheduler()
    beat.populate_heap()
    drop_connections()

    tick_all(beat)
    tick_all(beat)

    assert queue() == 1


def test_beat_starts_without_a_database(queue, due, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nonexistent")
    connection.close()
    beat = scheduler()

    assert beat.tick() == 1.0

    monkeypatch.undo()
    tick_all(beat)
    assert queue() == 1


def test_the_heartbeat_goes_to_this_nodes_own_queue(queue):
    beat = scheduler()
    beat.populate_heap()
    entry = beat.schedule[HEARTBEAT]

    assert entry.options["queue"] == f"heartbeat.{settings.NODE_NAME}"
    assert beat.tick() <= settings.HEARTBEAT_INTERVAL_SECONDS


def drop_connections() -> None:
    """End every other session of the test database, as a restart of the server does."""
    settings_ = connection.settings_dict
    keys = {"host": "HOST", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    with psycopg.connect(**{key: str(settings_[name]) for key, name in keys.items()}) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
