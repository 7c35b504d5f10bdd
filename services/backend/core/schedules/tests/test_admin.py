from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask
from django_celery_results.models import TaskResult

from core.audit.models import Audit
from core.clock import database_now
from core.runs.enums import State, Trigger
from core.runs.models import Run
from core.runs.tests.factories import run_make
from core.schedules.jobs import JobSpec
from core.schedules.services import schedules_sync

pytestmark = pytest.mark.django_db

SPEC = JobSpec("sweep", "sweep.task", "0 4 * * *", 60, "Sweeps.")


def page(task: PeriodicTask) -> str:
    return reverse("admin:django_celery_beat_periodictask_change", args=[task.pk])


def operate(client: Client, task: PeriodicTask, verb: str) -> str:
    address = reverse("admin:django_celery_beat_periodictask_operate", args=[task.pk])
    return client.post(address, {"verb": verb}, follow=True).content.decode()


def listed(admin: Client) -> str:
    return admin.get(reverse("admin:django_celery_beat_periodictask_changelist")).content.decode()


def test_schedules_list_says_in_words_when_they_run_and_will(admin: Client) -> None:
    schedules_sync(specs=[SPEC], now=database_now())

    shown = listed(admin)

    assert "At 04:00 AM UTC" in shown
    assert " 04:00 UTC" in shown
    assert "as declared" in shown


def test_schedules_list_names_edits_and_orphans(admin: Client) -> None:
    schedules_sync(specs=[SPEC], now=database_now())
    PeriodicTask.objects.update(queue="slow")
    schedules_sync(specs=[SPEC], now=database_now())
    assert "a deploy keeps your queue" in listed(admin)

    schedules_sync(specs=[], now=database_now())
    assert "the code declares it no more since " in listed(admin)


def test_schedule_can_be_edited_on_its_page(admin: Client) -> None:
    schedules_sync(specs=[SPEC], now=database_now())
    task = PeriodicTask.objects.get()
    fields = {"name": task.name, "task": task.task, "crontab": task.crontab_id, "args": "[]", "kwargs": "{}"}
    promises = {"id": task.declared.pk, "periodic_task": task.pk, "start_grace_seconds": 60, "catch_up": "all"}
    forms = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 1, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1}
    inline = {f"declared-{key}": value for key, value in forms.items()}
    inline |= {f"declared-0-{key}": value for key, value in promises.items()}

    admin.post(page(task), fields | {"headers": "{}", "queue": "slow"} | inline)

    task = PeriodicTask.objects.select_related("declared").get()
    assert (task.queue, task.enabled) == ("slow", False)
    assert (task.declared.start_grace_seconds, task.declared.catch_up) == (60, "all")
    assert Audit.objects.get().verb == "schedule.edit"


def test_schedule_is_paused_resumed_and_run_now_on_record(admin: Client) -> None:
    schedules_sync(specs=[SPEC], now=database_now())
    task = PeriodicTask.objects.get()

    assert "switched off" in operate(admin, task, "disable")
    assert "Resumed" in operate(admin, task, "enable")
    assert "See the new run" in operate(admin, task, "run_now")

    assert Run.objects.get().trigger == Trigger.ADMIN
    verbs = Audit.objects.order_by("id").values_list("verb", "actor_name")
    assert list(verbs) == [(f"schedule.{verb}", "admin") for verb in ("disable", "enable", "run-now")]


def test_an_orphan_stays_off_and_the_page_says_why(admin: Client) -> None:
    schedules_sync(specs=[SPEC], now=database_now())
    schedules_sync(specs=[], now=database_now())

    assert "so it stays off" in operate(admin, PeriodicTask.objects.get(), "enable")
    assert not PeriodicTask.objects.get().enabled


def test_who_may_only_look_pauses_nothing(client: Client) -> None:
    user = User.objects.create_user("looker", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_periodictask"))
    client.force_login(user)
    schedules_sync(specs=[SPEC], now=database_now())
    task = PeriodicTask.objects.get()

    address = reverse("admin:django_celery_beat_periodictask_operate", args=[task.pk])
    assert client.post(address, {"verb": "disable"}).status_code == 403
    assert 'value="disable"' not in client.get(page(task)).content.decode()


def test_schedules_list_leads_to_the_last_run_and_names_a_missed_slot(
    admin: Client, django_assert_max_num_queries
) -> None:
    specs = [JobSpec(f"sweep-{n}", "sweep.task", "0 4 * * *", 60, "Sweeps.") for n in range(9)]
    schedules_sync(specs=specs, now=database_now())
    schedule = PeriodicTask.objects.get(name="sweep-1").declared
    now = database_now().replace(microsecond=0)
    run_make(State.MISSED, schedule=schedule, slot=now - timedelta(hours=2))
    last = run_make(State.FAILED, schedule=schedule, slot=now - timedelta(hours=1))

    with django_assert_max_num_queries(7):
        shown = listed(admin)

    assert reverse("admin:runs_run_change", args=[last.pk]) in shown
    assert f"{now - timedelta(hours=2):%Y-%m-%d %H:%M} UTC" in shown


def test_schedule_shows_its_next_run_on_its_own_clock(admin: Client) -> None:
    schedules_sync(specs=[replace(SPEC, zone="Asia/Tokyo")], now=database_now())

    shown = listed(admin)

    assert (" 19:00 UTC" in shown, "04:00 Asia/Tokyo" in shown) == (True, True)


def test_results_show_what_came_out_and_cannot_be_edited(admin: Client) -> None:
    row = TaskResult.objects.create(task_id="1", task_name="sweep.task", status="SUCCESS", result='{"swept": 7}')

    shown = admin.get(reverse("admin:django_celery_results_taskresult_changelist")).content.decode()

    assert "swept" in shown
    assert admin.get(reverse("admin:django_celery_results_taskresult_add")).status_code == 403
    assert admin.post(reverse("admin:django_celery_results_taskresult_change", args=[row.pk])).status_code == 403
