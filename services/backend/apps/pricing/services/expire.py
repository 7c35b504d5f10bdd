"""The chore: mark discounts whose time is over. No price depends on the mark: it keeps lists and indexes short."""

import logging
from typing import Any

from core.sweep.declaration import Due, Guard, Row, Sweep
from core.sweep.services.run import sweep_run

logger = logging.getLogger("deskbeat.pricing")


def describe(row: tuple[Any, ...]) -> Row:
    discount, batch, percent, valid_to = row
    why = f"it ended on {valid_to:%Y-%m-%d %H:%M} UTC"
    return Row(f"pricing.discount:{discount}", f"Mark {percent} % off batch {batch} as expired", why)


EXPIRE = Sweep(
    due=Due(
        table="pricing_discount",
        subject="pricing.discount",
        hint="valid_to",
        waiting="t.status = 'active'",
        columns="t.batch_id",
        check="SELECT due.id, due.hint AS due_at FROM due",
        shown="t.id, b.code, t.percent, t.valid_to",
        joins="JOIN pricing_batch b ON b.id = t.batch_id",
        describe=describe,
        organisation="(SELECT b.organisation_id FROM pricing_batch b WHERE b.id = t.batch_id)",
    ),
    change="status = 'expired'",
    writes=(),
    # Nobody sees it: there is nothing to hold.
    guard=Guard(rows=2**31),
    noun="Discount",
    done="marked as expired",
)


def discounts_expire(*, failed_of: str | None = None) -> int:
    """Mark the discounts that have ended, and return how many."""
    done = sweep_run(sweep=EXPIRE, failed_of=failed_of)
    logger.info("Marked %s discounts as expired", done.changed)
    return done.changed
