"""A deploy writes what the code declares and keeps what an operator changed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from core.audit.models import Audit
from core.audit.services import Operator
from core.clock import database_now
from core.runs.models import Run
from core.schedules.enums import CatchUp
from core.schedules.jobs import JobSpec
from core.schedules.models import Schedule
from core.schedules.services import crontab_fields, schedule_run_now, schedules_prune, schedules_sync
from core.schedules.services.claim import slots_claim

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
SPEC = JobSpec(key="water-plants", task="plants.water", crontab="0 * * * *", expire_seconds=3300, description="Water.")


def sync(*specs: JobSpec, off: Sequence[JobSpec] = ()) -> list[str]:
    return schedules_sync(specs=specs, off=off, now=NOW)


def seconds(every: int) -> IntervalSchedule:
    return IntervalSchedule.objects.create(every=every, period=IntervalSchedule.SECONDS)


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

    assert sync(replace(SPEC, crontab="5 * * * *", queue="slow")) == ["water-plants: updated timing, queue"]
    assert (crontab_fields(task().crontab), task().queue) == ("5 * * * *", "slow")


def test_an_operators_edit_survives_deploys_while_other_fields_follow_the_code():
    sync(SPEC)
    quarter, _ = CrontabSchedule.objects.get_or_create(minute="*/15", timezone="UTC")
    edited = task()
    edited.crontab = quarter
    edited.save()

    changes = sync(replace(SPEC, crontab="30 * * * *", queue="slow"))

    assert changes == ["water-plants: updated queue; kept the operator's timing"]
    assert (task().crontab, task().queue) == (quarter, "slow")
    assert Schedule.objects.get().edited == ["timing"]
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


def test_a_schedule_whose_app_is_off_is_disabled_and_comes_back_as_it_was():
    sync(SPEC)
    PeriodicTask.objects.update(queue="slow")

    assert sync(off=[SPEC]) == ["water-plants: disabled, its app is not in MODULES"]
    assert sync(off=[SPEC]) == []
    off = Schedule.objects.get()
    assert (task().enabled, off.off_at, off.orphaned_at) == (False, NOW, None)
    assert schedules_prune(operator=Operator(name="gardener")) == []

    assert sync(SPEC) == ["water-plants: updated enabled; kept the operator's queue"]
    assert (task().enabled, task().queue, Schedule.objects.get().off_at) == (True, "slow", None)


def test_what_an_operator_had_disabled_stays_so_when_its_app_is_back():
    sync(SPEC)
    PeriodicTask.objects.update(enabled=False)

    sync(off=[SPEC])

    assert sync(SPEC) == ["water-plants: kept the operator's enabled"]
    assert task().enabled is False


def test_what_somebody_enabled_while_its_app_is_off_is_disabled_again():
    sync(SPEC)
    sync(off=[SPEC])
    PeriodicTask.objects.update(enabled=True)

    assert sync(off=[SPEC]) == ["water-plants: disabled, its app is not in MODULES"]


def test_an_orphan_that_an_app_declares_which_is_off_is_none():
    sync(SPEC)
    sync()

    assert sync(off=[SPEC]) == ["water-plants: disabled, its app is not in MODULES"]
    assert Schedule.objects.filter(off_at=NOW, orphaned_at=None).exists()
    assert sync(SPEC) == ["water-plants: updated enabled"]


@pytest.mark.parametrize("enabled", [True, False])
def test_a_schedule_made_by_hand_goes_off_and_on_with_the_app_of_its_task(enabled):
    PeriodicTask.objects.create(name="by hand", task=SPEC.task, interval=seconds(60), enabled=enabled)
    Schedule.objects.create(key="by hand", periodic_task=PeriodicTask.objects.get(), declared=False)

    assert sync(off=[SPEC]) == ["by hand: disabled, its app is not in MODULES"]
    assert (PeriodicTask.objects.get().enabled, sync(off=[SPEC])) == (False, [])

    sync()
    found = Schedule.objects.get()
    assert (found.periodic_task.enabled, found.off_at, found.declared) == (enabled, None, False)


def test_nothing_is_owed_for_the_time_an_app_was_off():
    sync(SPEC)
    Schedule.objects.update(handled_until=database_now() - timedelta(days=1), times="0 * * * * UTC")
    sync(off=[SPEC])

    sync(SPEC)

    assert slots_claim(task_id=task().pk).runs == 0
    assert Run.objects.count() == 0


def test_a_periodic_task_of_the_same_name_is_adopted_as_it_is():
    nightly, _ = CrontabSchedule.objects.get_or_create(minute="0", hour="3", timezone="UTC")
    PeriodicTask.objects.create(name=SPEC.key, task="plants.water", crontab=nightly)

    sync(SPEC)

    assert task().crontab == nightly
    assert Schedule.objects.get().edited == ["timing", "queue", "expire_seconds"]


def test_an_interval_is_declared_in_seconds():
    sync(replace(SPEC, crontab="", every_seconds=300, expire_seconds=250))

    assert (task().crontab, task().interval.schedule.run_every) == (None, timedelta(minutes=5))
    assert sync(SPEC) == ["water-plants: updated timing, expire_seconds"]
    assert (task().interval, crontab_fields(task().crontab)) == (None, "0 * * * *")


def test_limits_are_declared_and_an_operators_limit_survives_deploys():
    sync(replace(SPEC, run_limit_seconds=60, catch_up=CatchUp.ALL))
    Schedule.objects.update(run_limit_seconds=90)

    changes = sync(replace(SPEC, run_limit_seconds=30, min_changed=1))

    assert changes == ["water-plants: updated catch_up, min_changed; kept the operator's run_limit_seconds"]
    found = Schedule.objects.get()
    assert (found.run_limit_seconds, found.catch_up, found.min_changed) == (90, CatchUp.ONCE, 1)


def test_what_beat_has_written_meanwhile_stays():
    sync(SPEC)
    Schedule.objects.update(handled_until=NOW, times="0 * * * * UTC")

    sync(replace(SPEC, queue="slow"))

    assert Schedule.objects.filter(handled_until=NOW, times="0 * * * * UTC").exists()


def test_what_an_earlier_release_wrote_is_not_taken_for_an_edit():
    sync(SPEC)
    written = {"task": "plants.water", "crontab": ["30 * * * *", "UTC"], "queue": "default", "expire_seconds": 3300}
    Schedule.objects.update(synced=written | {"kwargs": "{}", "enabled": True}, edited=["crontab"])

    assert sync(SPEC) == ["water-plants: kept the operator's timing"]
    assert Schedule.objects.get().edited == ["timing"]


def test_a_schedule_made_by_hand_is_never_an_orphan_until_the_code_declares_it():
    sync(SPEC)
    Schedule.objects.update(declared=False, synced={})

    assert (sync(), task().enabled, Schedule.objects.get().orphaned_at) == ([], True, None)
    assert sync(replace(SPEC, queue="slow", min_changed=1)) == ["water-plants: adopted; kept the operator's queue"]
    assert Schedule.objects.filter(declared=True, edited=["queue"], min_changed=1).exists()


def test_prune_deletes_orphans_but_not_their_runs():
    sync(SPEC, replace(SPEC, key="feed-cat"))
    run = schedule_run_now(task=task(), operator=Operator(name="gardener"))
    sync(replace(SPEC, key="feed-cat"))

    assert schedules_prune(operator=Operator(name="gardener")) == [
        "water-plants: deleted, the code declares it no more"
    ]

    assert [schedule.key for schedule in Schedule.objects.all()] == ["feed-cat"]
    assert list(PeriodicTask.objects.values_list("name", flat=True)) == ["feed-cat"]
    assert Run.objects.get(schedule=None) == run
    assert Audit.objects.filter(verb="schedule.delete", actor_name="gardener", data__key="water-plants").exists()
