"""Which task answers the clock."""

from apps.pricing.enums import CLEANUP_TASK, HISTORY_TASK, RECOMPUTE_SCHEDULE, RECOMPUTE_TASK
from core.schedules.jobs import JobSpec

JOBS = [
    JobSpec(
        key=RECOMPUTE_SCHEDULE,
        task=RECOMPUTE_TASK,
        crontab="0 * * * *",
        # Below the interval: what waited for an hour is the next run's work.
        expire_seconds=3300,
        queue="discounts",
        description="Give batches that expire within 30 days the price that their rules say, where it has changed.",
    ),
    JobSpec(
        key="cleanup-expired-discounts",
        task=CLEANUP_TASK,
        crontab="0 2 * * *",
        expire_seconds=12 * 3600,
        queue="maintenance",
        description="Mark discounts whose time is over as expired: they ended by themselves, this only tidies. Forget"
        " what prices were longer ago than PRICE_SNAPSHOT_RETENTION_DAYS and PRICE_HISTORY_RETENTION_DAYS.",
    ),
    JobSpec(
        key="update-price-history",
        task=HISTORY_TASK,
        crontab="0 */6 * * *",
        expire_seconds=5 * 3600,
        queue="analytics",
        description="Write down what each batch on the shelf costs.",
    ),
]
