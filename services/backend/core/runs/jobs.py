"""Which task answers the clock."""

from core.schedules.jobs import JobSpec

JOBS = [
    JobSpec(
        key="cleanup-old-task-results",
        task="cleanup_old_task_results",
        crontab="17 * * * *",
        expire_seconds=3300,
        queue="maintenance",
        description="Forget runs that ended longer ago than RUN_RETENTION_DAYS, or RUN_FAILED_RETENTION_DAYS.",
    ),
    JobSpec(
        key="cleanup-failed-tasks",
        task="cleanup_failed_tasks",
        crontab="47 * * * *",
        expire_seconds=3300,
        queue="maintenance",
        description="Mend runs that were not started, whose worker fell silent, or that are past their deadline.",
    ),
]
