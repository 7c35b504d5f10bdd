"""Old runs are forgotten: those that went well sooner, those that are open never."""

from datetime import timedelta

import pytest
from django.conf import settings

from core.clock import database_now
from core.runs.enums import State
from core.runs.models import Run, RunItem
from core.runs.services import retention
from core.runs.services.retention import runs_forget
from core.runs.tests.factories import run_make

pytestmark = pytest.mark.django_db


def days_old(state: State, days: int) -> Run:
    moment = database_now() - timedelta(days=days, minutes=1)
    return run_make(state, queued_at=moment, finished_at=None if state == State.RUNNING else moment)


def test_what_went_well_goes_first():
    days_old(State.SUCCEEDED, settings.RUN_RETENTION_DAYS)
    kept = [days_old(State.FAILED, settings.RUN_RETENTION_DAYS), days_old(State.SUCCEEDED, 1)]

    assert runs_forget() == 1
    assert set(Run.objects.all()) == set(kept)


def test_the_others_go_later_with_their_items():
    RunItem.objects.create(run=days_old(State.PARTIAL, settings.RUN_FAILED_RETENTION_DAYS), subject="x:1")

    assert (runs_forget(), RunItem.objects.count()) == (1, 0)


def test_an_open_run_is_never_forgotten():
    days_old(State.RUNNING, 1000)

    assert runs_forget() == 0


def test_many_are_deleted_in_batches(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        days_old(State.SUCCEEDED, 1000)

    assert runs_forget() == 5
