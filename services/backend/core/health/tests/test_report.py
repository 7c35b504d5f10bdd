"""The report names what is broken, and no longer names it once it works again."""

import re
from datetime import timedelta

import pytest
from celery import current_app
from django.db import connection
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from core.health.looks.servers import redis_findings
from core.health.report import health_report
from core.heartbeat.models import Heartbeat
from core.runs.enums import State
from core.runs.tests.factories import nothing
from core.schedules.models import Schedule
from tests.checkout import ROOT

pytestmark = pytest.mark.django_db


def test_a_redis_that_is_away_is_named_until_it_is_back(well, said, monkeypatch):
    with monkeypatch.context() as away:
        away.setattr(current_app.conf, "broker_write_url", "redis://127.0.0.1:1/1")

        assert said() == [("error", "redis", "redis")]

    assert said() == []


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_named_until_it_is_back(well, said, sentence):
    host = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        assert said() == [("error", "database", "database")]
        assert "No such file or directory" in sentence()
    finally:
        connection.settings_dict["HOST"] = host

    assert said() == []


def test_a_redis_that_may_throw_messages_away_is_an_error(broker, worker, said):
    broker.config_set("maxmemory", "200mb")
    broker.config_set("maxmemory-policy", "allkeys-lru")
    assert said() == [("error", "redis", "policy")]

    broker.config_set("maxmemory-policy", "noeviction")
    assert said() == []
    broker.config_set("maxmemory", "0")


def test_a_redis_that_is_nearly_full_is_named(broker, worker, said):
    broker.config_set("maxmemory", int(broker.info("memory")["used_memory"] * 1.1))
    assert said() == [("warning", "redis", "memory")]

    broker.config_set("maxmemory", "0")
    assert said() == []


def test_a_redis_that_cannot_write_is_an_error():
    assert [found.subject for found in redis_findings({"rdb_last_bgsave_status": "err"})] == ["persistence"]


def test_no_worker_at_all_is_an_error(broker, db, said):
    assert said() == [("error", "workers", "workers")]


def test_a_worker_that_is_silent_is_named_until_it_stamps_again(well, said, now):
    Heartbeat.objects.update(stamped_at=now - timedelta(seconds=91))
    assert said() == [("error", "workers", "one")]

    Heartbeat.objects.update(stamped_at=now)
    assert said() == []


def test_a_silent_worker_whose_work_another_does_is_a_warning_for_an_hour(well, said, now):
    Heartbeat.objects.create(node="two", stamped_at=now - timedelta(minutes=5), queues=well.queues, processes=2)
    assert said() == [("warning", "workers", "two")]

    Heartbeat.objects.filter(node="two").update(stamped_at=now - timedelta(minutes=61))
    assert said() == []


def test_a_silent_worker_that_alone_took_a_queue_stays_an_error(well, now, sentence):
    Heartbeat.objects.create(node="ml", stamped_at=now - timedelta(hours=3), queues=["gpu", "default"], processes=1)

    assert sentence().endswith("and nobody else takes gpu.")


def test_a_full_worker_is_healthy_however_old_its_stamp_is(well, said, put, now):
    Heartbeat.objects.update(stamped_at=now - timedelta(minutes=20))
    first = put(State.RUNNING, worker="one/11", started_at=now - timedelta(minutes=20), heartbeat_at=now)
    put(State.RUNNING, worker="one/12", started_at=now - timedelta(minutes=20), heartbeat_at=now)
    assert said() == []

    first.delete()
    assert said() == [("error", "workers", "one")]


def test_a_queue_that_nobody_takes_is_an_error_once_something_waits_in_it(well, said, put):
    Heartbeat.objects.update(queues=["default"])
    assert said() == []
    put(queue="ml_tasks")
    assert said() == [("error", "queues", "ml_tasks")]

    Heartbeat.objects.update(queues=["default", "ml_tasks"])
    assert said() == []


def test_a_message_without_a_row_waits_too(well, broker, said):
    Heartbeat.objects.update(queues=["default"])
    broker.lpush("ml_tasks", "a message")
    assert said() == [("error", "queues", "ml_tasks")]

    broker.delete("ml_tasks")
    assert said() == []


def test_a_queue_is_slow_by_its_oldest_run(well, said, put):
    run = put(minutes=11)
    assert said() == [("warning", "queues", "default")]
    put(minutes=61)
    assert said() == [("error", "queues", "default")]

    type(run).objects.all().delete()
    assert said() == []


def test_a_run_that_is_not_yet_due_makes_no_queue_slow(well, said, put, now):
    put(minutes=120, not_before=now + timedelta(hours=1))
    put(minutes=120, published_at=None, name=nothing.name)

    assert said() == []


def test_a_schedule_is_late_until_it_is_sent(well, now):
    every, _ = IntervalSchedule.objects.get_or_create(every=10, period="minutes")
    PeriodicTask.objects.create(name="sweep", task="any.task", interval=every)
    slot = now.replace(minute=now.minute // 10 * 10, second=0, microsecond=0)
    late_for = {}
    for minutes_ago, last in ((1, -10), (3, -10), (3, 0)):
        sent = {"last_run_at": slot + timedelta(minutes=last), "date_changed": slot - timedelta(days=1)}
        PeriodicTask.objects.update(**sent)
        report = health_report(slot + timedelta(minutes=minutes_ago))
        late_for[minutes_ago, last] = [found.subject for found in report if found.group == "schedules"]

    assert late_for == {(1, -10): [], (3, -10): ["sweep"], (3, 0): []}


def test_an_hourly_schedule_is_late_two_minutes_after_the_hour(well, said, now):
    hourly, _ = CrontabSchedule.objects.get_or_create(minute="0", timezone="UTC")
    PeriodicTask.objects.create(name="hourly", task="any.task", crontab=hourly)
    hour = now.replace(minute=0, second=0, microsecond=0)
    PeriodicTask.objects.update(last_run_at=hour - timedelta(hours=1), date_changed=hour - timedelta(days=1))

    assert [found.subject for found in health_report(hour + timedelta(minutes=1))] == []
    assert [found.subject for found in health_report(hour + timedelta(minutes=3))] == ["hourly"]


def test_a_disabled_schedule_is_never_late(well, said, now):
    every, _ = IntervalSchedule.objects.get_or_create(every=10, period="minutes")
    PeriodicTask.objects.create(name="sweep", task="any.task", interval=every, enabled=False)
    PeriodicTask.objects.update(last_run_at=now - timedelta(days=2), date_changed=now - timedelta(days=2))

    assert said() == []


def test_missed_slots_are_counted_until_a_later_one_went_well(well, schedule, put, said, now, sentence):
    put(State.MISSED, minutes=30, schedule=schedule, slot=now - timedelta(minutes=30))
    put(State.MISSED, minutes=20, schedule=schedule, slot=now - timedelta(minutes=20))
    assert said() == [("warning", "schedules", "sweep")]
    assert "missed 2 slots since" in sentence()

    put(State.SUCCEEDED, minutes=10, schedule=schedule, slot=now - timedelta(minutes=10))
    assert said() == []


def test_a_schedule_that_the_code_forgot_is_named(well, schedule, said, now):
    Schedule.objects.update(orphaned_at=now)
    assert said() == [("warning", "schedules", "sweep")]

    schedule.delete()
    assert said() == []


def test_what_waits_for_an_app_that_is_off_is_named(well, said, put, sentence):
    run = put(State.QUEUED, name="of_no_app.work", published_at=None)
    assert said() == [("warning", "runs", "of_no_app.work")]
    assert sentence().startswith("1 run of of_no_app.work since ")

    run.delete()
    assert said() == []


def test_errors_come_before_warnings(well, put):
    put(State.HELD)
    put(State.FAILED, name="other.task")

    assert [finding.level for finding in health_report()] == ["error", "warning"]


def test_every_finding_leads_to_a_page(well):
    pages = {name for path in (ROOT / "services/backend/core").rglob("*.py") for name in _runbooks(path.read_text())}

    assert {page for page in pages if not (ROOT / "docs/runbooks" / f"{page}.md").exists()} == set()


def _runbooks(text: str) -> list[str]:
    return re.findall(r"""runbook\("([a-z-]+)"\)""", text)
