"""A process of the worker is marked while it is in a task, so that a silent heartbeat is explained."""

import os
import time

import pytest

from core.heartbeat import work
from core.heartbeat.routing import TASK


@pytest.fixture
def mark(settings, tmp_path):
    settings.HEARTBEAT_FILE = tmp_path / "heartbeat"
    return tmp_path / f"heartbeat.busy.{os.getpid()}"


def test_a_task_leaves_a_mark_that_is_dated_when_it_must_have_ended(mark):
    work.begin("tickets.tasks.any", seconds=600)

    assert abs(mark.stat().st_mtime - time.time() - 600) < 60


def test_the_mark_goes_with_the_task(mark):
    work.begin("tickets.tasks.any", seconds=600)

    work.end()
    work.end()

    assert not mark.exists()


def test_the_heartbeat_itself_is_no_work(mark):
    work.begin(TASK, seconds=600)

    assert not mark.exists()


def test_a_task_runs_where_no_mark_can_be_written(settings):
    settings.HEARTBEAT_FILE = settings.BASE_DIR / "manage.py" / "heartbeat"

    work.begin("tickets.tasks.any", seconds=600)
    work.end()


def test_a_worker_is_busy_while_a_process_of_it_is_in_a_task(mark):
    assert not work.is_any_busy()

    work.begin("tickets.tasks.any", seconds=600)
    assert work.is_any_busy()

    work.end()
    assert not work.is_any_busy()


def test_a_task_past_its_time_and_a_process_that_is_gone_are_no_work(mark):
    work.begin("tickets.tasks.any", seconds=-1)
    mark.with_suffix(".999999999").touch()
    later = time.time() + 600
    os.utime(mark.with_suffix(".999999999"), (later, later))

    assert not work.is_any_busy()


def test_without_a_place_for_marks_nobody_can_tell(settings, tmp_path):
    settings.HEARTBEAT_FILE = tmp_path / "heartbeat"
    assert work.can_mark()

    settings.HEARTBEAT_FILE = tmp_path / "missing" / "heartbeat"
    assert not work.can_mark()
