"""What will happen next to a batch's price, when, and why: said by the function that the run asks, too."""

import logging
from datetime import UTC, datetime

from apps.pricing.enums import RECOMPUTE_SCHEDULE, DateKind, Reason
from apps.pricing.models import Batch
from apps.pricing.price import Price, price_and_next
from core.clock import database_now
from core.schedules.foresight import NextAction, nothing, schedule_slots

logger = logging.getLogger("deskbeat.pricing")

# What a value that makes no sense raises.
UNREADABLE = (ArithmeticError, LookupError, TypeError, ValueError)
UNPRICED = Price(datetime.min.replace(tzinfo=UTC), None)


def priced(batch: Batch, at: datetime) -> tuple[Price, Price | None]:
    """Return its price and the next one. Where none can be computed it is not for sale, and the others still are.

    The database refuses what Python cannot read; but it may be told of a new time zone before Python is.
    """
    try:
        return price_and_next(batch.item, batch.tariffs, at)
    except UNREADABLE as error:
        logger.error("Batch %s has no price: %s: %s", batch.pk, type(error).__name__, error)
        return UNPRICED, None


def next_action(*, batch: Batch, following: Price | None, is_scheduled: bool) -> NextAction:
    """Explain the batch's next price. It holds from `at` on for whoever reads it; the schedule puts it on record."""
    schedule = RECOMPUTE_SCHEDULE if is_scheduled else None
    if batch.qty == 0:
        return nothing("None is left on the shelf.")
    if following is None:
        return nothing(_why_it_stays(batch))
    if following.amount is None:
        why = f"Its use-by date is {batch.expires_on}: it is not for sale after that day in {batch.product.tz}."
        return NextAction("withdraw", following.at, why, schedule)
    if following.reason == Reason.MANUAL or following.rule is None:
        return NextAction("reprice", following.at, "The price that a person gave it ends.", schedule)
    days = f"{batch.product.tz}, its date is {batch.expires_on}"
    why = f"{following.rule_name} takes {following.percent} % off from then on ({days})."
    return NextAction("reprice", following.at, why, schedule)


def _why_it_stays(batch: Batch) -> str:
    now = getattr(batch, "priced")  # noqa: B009  # by `foretell`
    if now is UNPRICED:
        return f"Its price cannot be computed here, so it is not for sale: is {batch.product.tz} a time zone?"
    if batch.product.date_kind == DateKind.USE_BY and now.amount is None:
        return f"Its use-by date {batch.expires_on} is over: it stays off sale."
    return "No rule takes a further step: its price stays."


def foretell(batches: list[Batch]) -> list[Batch]:
    """Give each batch its price (`priced`) and its `next_action`; all share one look at the schedule and the clock."""
    now, is_scheduled = database_now(), schedule_slots(RECOMPUTE_SCHEDULE) is not None
    for batch in batches:
        batch.priced, following = priced(batch, now)  # type: ignore[attr-defined]
        action = next_action(batch=batch, following=following, is_scheduled=is_scheduled)
        batch.next_action = action  # type: ignore[attr-defined]
    return batches
