"""The worker's door."""

from dataclasses import asdict

from celery import shared_task

from apps.pricing import services
from apps.pricing.enums import ALIAS, CLEANUP_TASK, HISTORY_TASK, RECOMPUTE_TASK, WINDOW_DAYS
from core.runs.task import RepeatableTask


@shared_task(
    base=RepeatableTask,
    name=RECOMPUTE_TASK,
    aliases=(ALIAS(RECOMPUTE_TASK),),
    policy="net",
    sweep=services.recompute(),
)
def recompute_all_discounts(days_threshold: int = WINDOW_DAYS, failed_of: str | None = None) -> dict[str, int]:
    return asdict(services.batches_reprice(days_threshold=days_threshold, failed_of=failed_of))


@shared_task(
    base=RepeatableTask,
    name=CLEANUP_TASK,
    aliases=(ALIAS(CLEANUP_TASK),),
    policy="net",
    sweep=services.EXPIRE,
)
def cleanup_expired_discounts(failed_of: str | None = None) -> dict[str, int]:
    return {"expired": services.discounts_expire(failed_of=failed_of), **services.history_forget()}


@shared_task(base=RepeatableTask, name=HISTORY_TASK, aliases=(ALIAS(HISTORY_TASK),), policy="net")
def update_price_history() -> dict[str, int]:
    return {"snapshots": services.prices_snapshot()}
