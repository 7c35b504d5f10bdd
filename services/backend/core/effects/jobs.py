"""Which task answers the clock."""

from core.effects.enums import DELIVER_TASK
from core.schedules.jobs import JobSpec

JOBS = [
    JobSpec(
        key="deliver-effects",
        task=DELIVER_TASK,
        crontab="* * * * *",
        expire_seconds=50,
        queue="email_queue",
        description="Send the mail and webhooks whose time has come, or whose message got lost.",
    ),
    JobSpec(
        key="cleanup-old-effects",
        task="cleanup_old_effects",
        crontab="37 * * * *",
        expire_seconds=3300,
        queue="maintenance",
        description="Forget mail and webhooks that left longer ago than RUN_RETENTION_DAYS.",
    ),
]
