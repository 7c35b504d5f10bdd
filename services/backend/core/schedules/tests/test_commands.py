"""What a terminal says of schedules."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django_celery_beat.models import PeriodicTask

from core.schedules.models import Schedule

pytestmark = pytest.mark.django_db


def said(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("command", ["sync_schedules", "setup_periodic_tasks"])
def test_both_names_of_the_sync_write_what_the_code_declares_and_can_be_run_again(command):
    assert "clean-up-task-results: added" in said(command)

    assert said(command) == "The schedules are in sync with the code.\n"


def test_check_changes_nothing_and_fails_when_something_would_change():
    with pytest.raises(CommandError, match=r"run `manage\.py sync_schedules`"):
        said("sync_schedules", "--check")

    assert PeriodicTask.objects.count() == 0


def test_prune_deletes_what_the_code_dropped_and_check_only_says_so():
    said("sync_schedules")
    Schedule.objects.create(
        key="dropped", periodic_task=PeriodicTask.objects.create(name="dropped", crontab_id=crontab_id())
    )

    with pytest.raises(CommandError, match=r"run `manage\.py sync_schedules --prune`"):
        said("sync_schedules", "--check", "--prune")
    kept = Schedule.objects.filter(key="dropped", orphaned_at=None).exists()

    assert "dropped: deleted, the code declares it no more" in said("sync_schedules", "--prune")
    assert (kept, PeriodicTask.objects.filter(name="dropped").exists()) == (True, False)


def crontab_id() -> int:
    return PeriodicTask.objects.exclude(crontab=None).values_list("crontab_id", flat=True)[0]
