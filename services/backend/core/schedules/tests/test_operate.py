"""What an operator does to a schedule: it holds over deploys, and is written down."""

import pytest
from django_celery_beat.models import PeriodicTask

from core.audit.models import Audit
from core.audit.services import Operator
from core.clock import database_now
from core.runs.enums import State, Trigger
from core.runs.models import Run
from core.schedules.errors import ScheduleRefusedError
from core.schedules.jobs import JobSpec
from core.schedules.models import Schedule
from core.schedules.services import schedule_disable, schedule_enable, schedule_run_now, schedules_sync

pytestmark = pytest.mark.django_db

SPEC = JobSpec("water", "plants.water", "0 * * * *", 3300, "Water the plants.", queue="low_priority")
OPERATOR = Operator(name="gardener")


@pytest.fixture
def task() -> PeriodicTask:
    schedules_sync(specs=[SPEC], now=database_now())
    return PeriodicTask.objects.get()


def audited() -> list[tuple[str, str, str]]:
    return list(Audit.objects.order_by("id").values_list("actor_name", "verb", "data__key"))


def test_a_disabled_schedule_stays_off_over_a_deploy_until_it_is_enabled(task):
    schedule_disable(task=task, operator=OPERATOR)
    schedules_sync(specs=[SPEC], now=database_now())
    off = PeriodicTask.objects.get().enabled

    on = schedule_enable(task=task, operator=OPERATOR).enabled

    assert (off, on) == (False, True)
    assert audited() == [("gardener", "schedule.disable", "water"), ("gardener", "schedule.enable", "water")]


def test_what_changes_nothing_is_not_written_down(task):
    schedule_enable(task=task, operator=OPERATOR)

    assert audited() == []


def test_an_orphan_is_not_enabled(task):
    schedules_sync(specs=[], now=database_now())

    with pytest.raises(ScheduleRefusedError, match=r"declares 'water' no more"):
        schedule_enable(task=task, operator=OPERATOR)


@pytest.mark.parametrize("act", [schedule_enable, schedule_run_now])
def test_a_schedule_whose_app_is_off_is_neither_enabled_nor_run(task, act):
    schedules_sync(specs=[], off=[SPEC], now=database_now())

    with pytest.raises(ScheduleRefusedError, match=r"The app of 'water' is off: put it into MODULES"):
        act(task=task, operator=OPERATOR)


def test_run_now_is_a_run_of_the_schedule_without_a_slot(task):
    PeriodicTask.objects.update(kwargs='{"litres": 2}')
    task.refresh_from_db()

    run = schedule_run_now(task=task, operator=OPERATOR)

    assert Run.objects.get() == run
    assert (run.name, run.kwargs, run.queue, run.state) == ("plants.water", {"litres": 2}, "low_priority", State.QUEUED)
    assert (run.schedule, run.slot, run.trigger) == (Schedule.objects.get(), None, Trigger.COMMAND)
    assert (run.requested_by, audited()) == ("gardener", [("gardener", "schedule.run-now", "water")])


def test_a_schedule_that_is_off_runs_when_it_is_asked_to(task):
    schedule_disable(task=task, operator=OPERATOR)

    assert schedule_run_now(task=task, operator=OPERATOR).state == State.QUEUED
