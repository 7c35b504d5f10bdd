"""Which task answers the clock."""

from core.schedules.enums import CatchUp
from core.schedules.jobs import JobSpec

JOBS = [
    JobSpec(
        key="health-check-tasks",
        task="health_check_tasks",
        crontab="*/5 * * * *",
        expire_seconds=240,
        queue="high_priority",
        catch_up=CatchUp.SKIP,
        description="Tell ALERT_EMAIL and ALERT_WEBHOOK what broke, and what is over.",
    )
]
