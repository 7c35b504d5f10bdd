"""A deploy writes what the code declares and keeps what an operator changed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from core.schedules.jobs import JobSpec
from core.schedules.models import Schedule
from core.schedules.services import crontab_fields, schedules_sync

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
SPEC = JobSpec(key="water-plants", task="plants.water", crontab="0 * * * *", expire_seconds=3300, description="Water.")


def sync(*specs: JobSpec) -> list[str]:
    return schedules_sync(specs=specs, now=NOW)


def task() -> PeriodicTask:
    return PeriodicTask.objects.select_related("crontab").get(name=SPEC.key)


def test_a_declared_job_becomes_a_periodic_task():
    assert sync(SPEC) == ["water-plants: added"]

    assert (task().task, task().queue, task().expire_seconds, task().enabled) == ("plants.water", "default", 3300, True)
    assert (crontab_fields(task().crontab), str(task().crontab.timezone)) == ("0 * * * *", "UTC")


def test_a_second_sync_changes_nothing():
    sync(SPEC)

    assert sync(SPEC) == []


def test_a_changed_declaration_is_written():
    sync(SPEC)

    assert sync(replace(SPEC, crontab="5 * * * *", queue="slow")) == ["water-plants: updated crontab, queue"]
    assert (crontab_fields(task().crontab), task().queue) == ("5 * * * *", "slow")


def test_an_operators_edit_survives_deploys_while_other_fields_follow_the_code():
    sync(SPEC)
    quarter, _ = CrontabSchedule.objects.get_or_create(minute="*/15", timezone="UTC")
    edited = task()
    edited.crontab = quarter
    edited.save()

    changes = sync(replace(SPEC, crontab="30 * * * *", queue="slow"))

    assert changes == ["water-plants: updated queue; kept the operator's crontab"]
    assert (task().crontab, task().queue) == (quarter, "slow")
    assert Schedule.objects.get().edited == ["crontab"]
    assert sync(replace(SPEC, crontab="30 * * * *", queue="slow")) == []


def test_a_switched_off_schedule_stays_off():
    sync(SPEC)
    PeriodicTask.objects.update(enabled=False)

    sync(replace(SPEC, queue="slow"))

    assert task().enabled is False


def test_a_schedule_gone_from_the_code_is_disabled_and_marked():
    sync(SPEC)

    assert sync() == ["water-plants: disabled, the code declares it no more"]
    assert (task().enabled, Schedule.objects.get().orphaned_at) == (False, NOW)
    assert sync() == []


def test_a_schedule_that_comes_back_fires_again():
    sync(SPEC)
    sync()

    sync(SPEC)

    assert (task().enabled, Schedule.objects.get().orphaned_at) == (True, None)


def test_a_periodic_task_of_the_same_name_is_adopted_as_it_is():
    nightly, _ = CrontabSchedule.objects.get_or_create(minute="0", hour="3", timezone="UTC")
    PeriodicTask.objects.create(name=SPEC.key, task="plants.water", crontab=nightly)

    sync(SPEC)

    assert task().crontab == nightly
    assert Schedule.objects.get().edited == ["crontab", "queue", "expire_seconds"]
