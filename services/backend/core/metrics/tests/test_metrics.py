"""Prometheus is told what happened and what waits, by whoever may know, and counters never fall."""

from datetime import timedelta
from uuid import uuid4

import pytest
from celery import current_app
from django.contrib.auth.models import User
from prometheus_client.parser import text_string_to_metric_families

from config.queues import SHARED_QUEUES
from core.clock import database_now
from core.heartbeat.models import Heartbeat
from core.metrics.collect import metrics_text
from core.metrics.services import totals_update
from core.runs.enums import State, Trigger
from core.runs.models import Run

pytestmark = pytest.mark.django_db
PATH = "/api/v1/tasks/metrics"


def put(state: State, *, ago: float = 60, took: float | None = 2, **fields: object) -> Run:
    """Put a run on record that waited for a second, worked for `took`, and ended `ago` seconds before now."""
    ended = database_now() - timedelta(seconds=ago)
    started = None if took is None else ended - timedelta(seconds=took)
    queued = (started or ended) - timedelta(seconds=1)
    times = {"queued_at": queued, "published_at": queued, "started_at": started}
    times |= {} if state == State.QUEUED else {"finished_at": ended}
    values = {"name": "any.task", "queue": "default", "trigger": Trigger.CODE, "policy": "none"}
    return Run.objects.create(**{**values, "id": uuid4(), "state": state, **times, **fields})


def samples() -> dict[tuple[str, tuple[str, ...]], float]:
    """Return the number of every sample by its name and the values of its labels, in the order of their names."""
    families = text_string_to_metric_families(metrics_text().decode())
    return {
        (sample.name, tuple(sample.labels.values())): sample.value for family in families for sample in family.samples
    }


def test_ended_runs_are_counted_by_task_and_state(redis_server):
    for state in (State.SUCCEEDED, State.SUCCEEDED, State.FAILED):
        put(state)

    found = samples()

    assert found["deskbeat_runs_total", ("SUCCEEDED", "any.task")] == 2
    assert found["deskbeat_runs_total", ("FAILED", "any.task")] == 1


def test_a_run_is_counted_once_however_often_prometheus_asks(redis_server):
    put(State.SUCCEEDED)
    samples()
    put(State.SUCCEEDED, ago=30)
    samples()

    assert samples()["deskbeat_runs_total", ("SUCCEEDED", "any.task")] == 2


def test_counters_do_not_fall_when_runs_are_forgotten(redis_server):
    put(State.SUCCEEDED)
    totals_update()
    Run.objects.all().delete()

    assert samples()["deskbeat_runs_total", ("SUCCEEDED", "any.task")] == 1


def test_what_ended_a_moment_ago_waits_for_the_next_scrape(db):
    put(State.SUCCEEDED, ago=5)

    assert totals_update() == 0


def test_a_batch_ends_in_the_middle_of_one_moment_and_none_is_lost(db):
    moment = database_now() - timedelta(minutes=1)
    for _ in range(5):
        put(State.SUCCEEDED, finished_at=moment)

    assert [totals_update(most=2) for _ in range(4)] == [2, 2, 1, 0]


def test_waits_and_works_fall_into_buckets(redis_server):
    put(State.SUCCEEDED, took=2)
    put(State.FAILED, took=20)
    put(State.CANCELLED, took=None)

    found = samples()

    work = "deskbeat_run_work_seconds"
    counts = [found[f"{work}_bucket", (le, "any.task")] for le in ("1.0", "2.5", "15.0", "60.0", "+Inf")]
    assert counts == [0, 1, 1, 2, 2]
    assert found[f"{work}_sum", ("any.task",)] == 22
    assert found["deskbeat_run_wait_seconds_count", ("any.task",)] == 2


def test_a_queue_tells_its_depth_its_oldest_and_its_consumers(redis_server):
    Heartbeat.objects.create(node="one", stamped_at=database_now(), queues=["default"], processes=2)
    put(State.QUEUED, ago=0, took=None, queue="ml_tasks", queued_at=database_now() - timedelta(seconds=90))

    found = samples()

    assert found["deskbeat_queue_waiting_runs", ("ml_tasks",)] == 1
    assert 89 < found["deskbeat_queue_oldest_seconds", ("ml_tasks",)] < 95
    assert [found["deskbeat_queue_consumers", (name,)] for name in ("default", "ml_tasks")] == [1, 0]
    assert {labels[0] for name, labels in found if name == "deskbeat_queue_messages"} >= set(SHARED_QUEUES)
    assert found["deskbeat_workers_alive", ()] == 1


def test_a_redis_that_is_away_is_told_and_the_rest_too(redis_server, monkeypatch):
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis://127.0.0.1:1/1")

    found = samples()

    assert found["deskbeat_redis_up", ()] == 0
    assert ("deskbeat_queue_waiting_runs", ("default",)) in found


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Bearer "}])
def test_nobody_reads_metrics_without_the_token(client, settings, header):
    for settings.METRICS_TOKEN in ("", "secret"):
        assert client.get(PATH, headers=header).status_code == 401


def test_prometheus_reads_them_with_the_token(client, settings, redis_server):
    settings.METRICS_TOKEN = "secret"

    answer = client.get(PATH, headers={"authorization": "Bearer secret"})

    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (200, "text/plain")
    assert b"deskbeat_workers_alive 0.0" in answer.content


def test_staff_read_them_and_other_people_do_not(client, redis_server):
    user = User.objects.create_user("ann")
    client.force_login(user)
    assert client.get(PATH).status_code == 401

    User.objects.update(is_staff=True)
    assert client.get(PATH).status_code == 200
