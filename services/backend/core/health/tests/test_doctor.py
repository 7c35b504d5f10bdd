"""The doctor says what was looked at, what is wrong and what to do, and ends with a code for programs."""

import io
import json

import pytest
from celery import current_app
from django.core.management import call_command
from django.db import connection
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from core.health.doctor.memory import memory
from core.health.findings import Finding
from core.runs.enums import State


def doctor(*words: str) -> tuple[int, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", *words, stdout=out)
    return ended.value.code, out.getvalue()


def test_a_well_installation_is_fine_and_every_group_was_looked_at(well):
    code, text = doctor()

    assert code == 0
    groups = [line.split()[:2] for line in text.splitlines() if line[0] not in " !N"]
    assert groups == [[f"{name}:", "fine"] for name in ("database", "redis", "memory", "workers", "tasks", "schedules")]
    assert text.endswith("Nothing is wrong.\n")


def test_a_problem_has_its_next_step(well, put):
    put(State.FAILED, error="ValueError: no such board")

    code, text = doctor()

    assert code == 1
    assert "no such board" in text
    assert "what to do: docs/runbooks/run-failed.md" in text


def test_a_program_reads_the_same_as_one_document(well, put):
    put(queue="nobody_takes_it")

    code, text = doctor("--json")

    document = json.loads(text)
    assert document["exit_code"] == code == 1
    problems = [problem for group in document["groups"] for problem in group["problems"]]
    assert [(problem["subject"], problem["level"]) for problem in problems] == [("nobody_takes_it", "error")]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_said_and_what_needs_it_is_not_tried(well, monkeypatch):
    host = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        code, text = doctor()
    finally:
        connection.settings_dict["HOST"] = host

    assert code == 1
    assert "The database does not answer" in text
    assert "redis: fine" in text
    assert text.endswith("1 problem; not looked at: workers, tasks, schedules.\n")


def test_a_redis_that_is_away_is_said_and_the_rest_is_looked_at(well, monkeypatch):
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis://127.0.0.1:1/1")

    code, text = doctor()

    assert code == 1
    assert text.count("Redis does not answer") == 1
    assert "workers: fine" in text


def test_a_schedule_for_a_task_that_nobody_knows_is_a_problem(well):
    every, _ = IntervalSchedule.objects.get_or_create(every=10, period="minutes")
    PeriodicTask.objects.create(name="typo", task="tickets.tasks.archve", interval=every, queue="not_declared")

    code, text = doctor()

    assert code == 1
    assert "asks for tickets.tasks.archve" in text
    assert "goes to queue not_declared" in text


@pytest.fixture
def cgroup(tmp_path):
    files = {
        "memory.max": "256000000",
        "memory.current": "250000000",
        "memory.stat": "anon 9\ninactive_file 100000000",
        "memory.events": "low 0\noom_kill 0",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_page_cache_is_no_lack_of_memory(cgroup):
    assert [answer for answer in memory(cgroup) if isinstance(answer, Finding)] == []


def test_a_container_near_its_limit_or_with_killed_processes_is_named(cgroup):
    (cgroup / "memory.current").write_text("340000000")
    (cgroup / "memory.events").write_text("oom_kill 3")

    assert [answer.subject for answer in memory(cgroup) if isinstance(answer, Finding)] == ["killed", "memory"]


def test_a_machine_without_containers_is_asked_itself(tmp_path):
    (tmp_path / "meminfo").write_text("MemTotal: 1000 kB\nMemAvailable: 50 kB\n")

    assert [answer.subject for answer in memory(tmp_path, tmp_path / "meminfo") if isinstance(answer, Finding)] == [
        "memory"
    ]


def test_what_the_linter_finds_in_an_edited_schedule_is_told(well):
    uneven, _ = CrontabSchedule.objects.get_or_create(minute="*/27", timezone="UTC")
    PeriodicTask.objects.create(name="uneven", task="celery.backend_cleanup", crontab=uneven, expire_seconds=60)

    _, text = doctor()

    assert "The schedule 'uneven' is uneven: */27 of the minute fires at 0, 27, 54" in text
    assert "what to do: docs/how-to/schedules.md" in text
