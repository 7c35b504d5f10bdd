"""The worker's door."""

from celery import shared_task

from apps.events import services
from apps.events.enums import ARCHIVE_TASK, END_TASK, REMIND_TASK
from core.runs.task import RepeatableTask


@shared_task(base=RepeatableTask, name=END_TASK, concurrent=True, sweep=services.TRANSITION)
def mark_ended_events_as_completed(failed_of: str | None = None) -> int:
    """Start and complete the events whose time has come; return how many this attempt completed."""
    return services.events_move_on(failed_of=failed_of)


@shared_task(base=RepeatableTask, name=ARCHIVE_TASK, concurrent=True, sweep=services.ARCHIVE)
def archive_old_completed_events(failed_of: str | None = None) -> int:
    """Archive the events that were completed more than 90 days ago; return how many this attempt archived."""
    return services.events_archive(failed_of=failed_of)


@shared_task(base=RepeatableTask, name=REMIND_TASK, concurrent=True, sweep=services.REMIND)
def send_event_reminder_emails(failed_of: str | None = None) -> int:
    """Ask for one mail per recipient of each reminder that is due; return how many reminders this attempt sent."""
    return services.reminders_send(failed_of=failed_of)
