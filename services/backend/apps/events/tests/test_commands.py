"""What people type, as it is written down."""

from io import StringIO

import pytest
from django.core.management import call_command
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from apps.events.enums import Status
from apps.events.models import Event
from apps.events.tests.factories import EventFactory
from core.clock import database_now
from core.schedules.jobs import declared_jobs
from core.schedules.models import Schedule
from core.schedules.services import schedules_sync

pytestmark = pytest.mark.django_db


def said(*arguments: str) -> list[str]:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().splitlines()


def test_setup_makes_the_periodic_tasks_of_the_events_again_and_again() -> None:
    assert said("setup_event_lifecycle_tasks") == [
        "Mark Ended Events as Completed: added",
        "Archive Old Completed Events: added",
        "Send Event Reminder Emails: added",
    ]
    assert said("setup_event_lifecycle_tasks") == ["The events' schedules are in sync with the code."]

    task = PeriodicTask.objects.get(name="Mark Ended Events as Completed")
    assert (task.task, task.enabled, task.crontab.minute) == ("events.mark_ended_events_as_completed", True, "*/5")
    assert PeriodicTask.objects.count() == 3


def test_setup_keeps_what_an_operator_changed() -> None:
    said("setup_event_lifecycle_tasks")
    task = PeriodicTask.objects.get(name="Mark Ended Events as Completed")
    task.crontab = CrontabSchedule.objects.create(minute="*/15", timezone="UTC")
    task.enabled = False
    task.save()

    assert said("setup_event_lifecycle_tasks") == [
        "Mark Ended Events as Completed: kept the operator's timing, enabled"
    ]
    task.refresh_from_db()
    assert (task.crontab.minute, task.enabled) == ("*/15", False)


def test_setup_leaves_the_other_apps_schedules_alone() -> None:
    schedules_sync(specs=declared_jobs(), now=database_now())

    said("setup_event_lifecycle_tasks")

    assert Schedule.objects.filter(orphaned_at__isnull=False).count() == 0
    assert set(PeriodicTask.objects.values_list("enabled", flat=True)) == {True}


def test_dry_run_lists_and_changes_nothing() -> None:
    EventFactory(starts_in=-9, title="Fair", organisation__slug="harbour")

    lines = said("complete_ended_events", "--dry-run")

    assert lines[0].startswith("Complete 'Fair' of harbour: CONFIRMED, and over its time since ")
    assert lines[1:] == ["1 events would be moved on now; nothing was changed."]
    assert Event.objects.get().status == Status.CONFIRMED


def test_run_by_hand_says_how_many_were_completed() -> None:
    EventFactory.create_batch(2, starts_in=-9)

    assert said("complete_ended_events")[-1] == "Marked 2 events as completed"
