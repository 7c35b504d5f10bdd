"""Which task answers the clock."""

from apps.events.enums import ARCHIVE_SCHEDULE, ARCHIVE_TASK, END_SCHEDULE, END_TASK, REMIND_SCHEDULE, REMIND_TASK
from core.schedules.jobs import JobSpec

JOBS = [
    JobSpec(
        key=END_SCHEDULE,
        task=END_TASK,
        crontab="*/5 * * * *",
        # Below the interval: what waited for five minutes is the next run's work.
        expire_seconds=280,
        description="Start the events that have begun, complete those that have ended.",
    ),
    JobSpec(
        key=ARCHIVE_SCHEDULE,
        task=ARCHIVE_TASK,
        crontab="23 3 * * *",
        expire_seconds=12 * 3600,
        description="Archive events that were completed more than 90 days ago.",
    ),
    JobSpec(
        key=REMIND_SCHEDULE,
        task=REMIND_TASK,
        crontab="*/5 * * * *",
        expire_seconds=280,
        description="Ask for the mails of the reminders that are due.",
    ),
]
