"""The report names what went wrong with runs and effects, until it is mended."""

from datetime import timedelta

import pytest

from core.effects.enums import EffectState
from core.effects.models import Effect
from core.runs.enums import State
from core.schedules.models import Schedule

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("state", "level"),
    [(State.FAILED, "error"), (State.LOST, "error"), (State.EXPIRED, "warning"), (State.PARTIAL, "warning")],
)
def test_what_went_wrong_is_named_until_the_task_succeeds(well, put, said, state, level, sentence):
    put(state, minutes=10, error="ValueError: the reason")
    assert said() == [(level, "runs", "any.task")]
    assert "the reason" in sentence()

    put(State.SUCCEEDED)
    assert said() == []


def test_a_failure_of_the_day_before_yesterday_is_history(well, put, said):
    put(State.FAILED, minutes=25 * 60)

    assert said() == []


def test_failures_before_the_last_success_are_not_counted(well, put, sentence):
    for minutes, state in ((40, State.FAILED), (30, State.SUCCEEDED), (20, State.FAILED)):
        put(state, minutes=minutes)

    assert "failed since" in sentence()


def test_a_held_run_waits_for_a_person(well, put, said):
    run = put(State.HELD)
    assert said() == [("warning", "runs", "any.task")]

    run.delete()
    assert said() == []


def test_a_run_that_does_not_hear_that_it_is_to_end_is_named(well, put, said, now):
    run = put(State.RUNNING, worker="one/1", heartbeat_at=now, cancel_requested_at=now - timedelta(minutes=3))
    assert said() == [("warning", "runs", "any.task")]

    run.delete()
    assert said() == []


def test_a_run_is_overlong_by_its_schedule_s_own_limit(well, schedule, put, said, now):
    Schedule.objects.update(run_limit_seconds=60)
    run = put(State.RUNNING, schedule=schedule, started_at=now - timedelta(seconds=61), heartbeat_at=now)
    assert said() == [("warning", "runs", "any.task")]

    type(run).objects.update(started_at=now - timedelta(seconds=59))
    assert said() == []


def test_a_run_that_took_too_little_time_is_named_until_the_next_one(well, schedule, put, said, now):
    Schedule.objects.update(min_seconds=5)
    put(State.SUCCEEDED, minutes=9, schedule=schedule, started_at=now - timedelta(minutes=9, seconds=2))
    assert said() == [("warning", "runs", "sweep")]

    put(State.SUCCEEDED, minutes=1, schedule=schedule, started_at=now - timedelta(minutes=1, seconds=6))
    assert said() == []


def test_a_run_that_changed_too_little_is_named(well, schedule, put, said, sentence):
    Schedule.objects.update(min_changed=3)
    run = put(State.SUCCEEDED, schedule=schedule, changed=2)
    assert "changed 2, where 3 is the least" in sentence()

    type(run).objects.update(changed=3)
    assert said() == []


@pytest.fixture
def dead_mail(now) -> Effect:
    return Effect.objects.create(
        channel="mail", dedupe_key="k", payload={}, state=EffectState.DEAD, policy="mail", not_before=now, error="550"
    )


def test_a_dead_effect_is_an_error_until_it_is_replayed(well, dead_mail, said):
    assert said() == [("error", "effects", "mail")]

    Effect.objects.update(state=EffectState.SENT)
    assert said() == []


def test_effects_that_are_not_sent_in_time_are_named(well, dead_mail, said, now, settings):
    Effect.objects.update(state=EffectState.PENDING, channel="webhook", not_before=now - timedelta(minutes=11))
    assert said() == [("warning", "effects", "webhook")]

    Effect.objects.update(not_before=now)
    assert said() == []
