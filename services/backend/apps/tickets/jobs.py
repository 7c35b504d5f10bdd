"""Which task answers the clock."""

from apps.tickets.enums import ARCHIVE_SCHEDULE, ARCHIVE_TASK
from core.schedules.jobs import JobSpec

JOBS = [
    JobSpec(
        key=ARCHIVE_SCHEDULE,
        task=ARCHIVE_TASK,
        crontab="0 * * * *",
        # Below the interval: what waited for an hour is the next run's work.
        expire_seconds=3300,
        description="Archive tickets that have stayed in a Done column for longer than their board allows.",
    )
]
