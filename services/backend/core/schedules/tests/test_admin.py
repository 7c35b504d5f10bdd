import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask
from django_celery_results.models import TaskResult

from core.clock import database_now
from core.schedules.jobs import JobSpec
from core.schedules.services import schedules_sync

pytestmark = pytest.mark.django_db

SPEC = JobSpec("sweep", "sweep.task", "0 4 * * *", 60, "Sweeps.")


@pytest.fixture
def admin(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


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

    admin.post(
        reverse("admin:django_celery_beat_periodictask_change", args=[task.pk]),
        fields | {"headers": "{}", "queue": "slow"},
    )

    task.refresh_from_db()
    assert (task.queue, task.enabled) == ("slow", False)


def test_results_show_what_came_out_and_cannot_be_edited(admin: Client) -> None:
    row = TaskResult.objects.create(task_id="1", task_name="sweep.task", status="SUCCESS", result='{"swept": 7}')

    shown = admin.get(reverse("admin:django_celery_results_taskresult_changelist")).content.decode()

    assert "swept" in shown
    assert admin.get(reverse("admin:django_celery_results_taskresult_add")).status_code == 403
    assert admin.post(reverse("admin:django_celery_results_taskresult_change", args=[row.pk])).status_code == 403
