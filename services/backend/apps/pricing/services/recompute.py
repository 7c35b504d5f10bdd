"""The chore: give every batch whose price has changed its new one, on record, and how a run of it is undone."""

import logging
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache

from apps.pricing.enums import WINDOW_DAYS
from apps.pricing.reprice_rule import within
from apps.pricing.services.due_times import PAGE_ROWS, due_times_refresh
from core.sweep.declaration import Sweep, Undo
from core.sweep.services.run import sweep_run

logger = logging.getLogger("deskbeat.pricing")


def history(rows: str) -> tuple[str, ...]:
    """Return the statements that put new prices of `rows` on record: a discount is cut short, another begins, a point.

    One that has ended by itself is left to `discounts_expire`: a row less to write. The second statement reads the
    count of the first: the ranges of a batch would overlap if it came before.
    """
    ended = f"""
        UPDATE pricing_discount d
        SET status = 'superseded', valid_to = greatest(d.valid_from, {rows}.due_at)
        FROM {rows} WHERE d.batch_id = {rows}.id AND d.status = 'active'
                      AND (d.valid_to IS NULL OR d.valid_to > {rows}.due_at) RETURNING d.id
    """  # noqa: S608  # of constants
    begun = f"""
        INSERT INTO pricing_discount (batch_id, rule_id, percent, price, valid_from, valid_to, status, run_id)
        SELECT id, rule_id, percent, price, due_at, next_at, 'active', %(run)s::uuid FROM {rows}
        WHERE price < list_price AND (SELECT count(*) FROM write_0) >= 0
    """  # noqa: S608  # of constants
    point = f"""
        INSERT INTO pricing_pricepoint (batch_id, at, list_price, price, old_price, reason, rule_id, run_id)
        SELECT id, due_at, list_price, price, old_price, reason, rule_id, %(run)s::uuid FROM {rows}
    """  # noqa: S608  # of constants
    return ended, begun, point


# The history is the change-set: it is written anyway, and knows the run.
CHANGED = """
    SELECT c.id AS place, c.batch_id AS id, c.price, c.old_price, c.list_price FROM pricing_pricepoint c
    WHERE c.run_id = %(of)s AND c.reason <> 'snapshot' AND c.undone_at IS NULL
"""
UNTOUCHED = """
    t.price = item.price AND item.old_price IS NOT NULL AND (t.reprice_at IS NULL OR t.reprice_at > %(now)s)
    AND NOT EXISTS (SELECT FROM pricing_pricepoint c
                    WHERE c.batch_id = t.id AND c.id > item.place AND c.reason <> 'snapshot')
"""
# The rules would take the price away again at once: so it comes back as a person's own, until the rules' next step.
RESTORE = "manual_price = item.old_price, manual_until = t.reprice_at, price = item.old_price"
UNDONE = "UPDATE pricing_pricepoint c SET undone_at = %(now)s FROM restored WHERE c.id = restored.place"
WHY = """
    CASE WHEN item.price IS NULL THEN 'Its date is over: it stays off sale.'
         WHEN item.old_price IS NULL THEN 'It was not for sale before.'
         ELSE 'Its price, product, stock or rule was changed since.' END
"""
KEPT_BY_UNDO = """
    %(now)s AS due_at, t.price, item.list_price, item.price AS old_price, t.manual_until AS next_at,
    (100 - 100 * t.price / item.list_price)::smallint AS percent, NULL::bigint AS rule_id, 'manual' AS reason
"""


@cache
def recompute(days: int = WINDOW_DAYS) -> Sweep:
    """Return the chore for batches that expire within so many days."""
    return Sweep(
        due=within(days),
        change="price = checked.price, reprice_at = checked.next_at",
        kept="""checked.due_at, checked.price, checked.percent, checked.rule_id, checked.reason, checked.list_price,
            checked.old_price, checked.next_at""",
        writes=history("changed"),
        prepare=due_times_refresh,
        batch_rows=PAGE_ROWS,
        undo=Undo(
            items=CHANGED,
            untouched=UNTOUCHED,
            restore=RESTORE,
            kept=KEPT_BY_UNDO,
            writes=(*history("restored"), UNDONE),
            why=WHY,
        ),
        noun="Batch",
        done="repriced",
    )


@dataclass
class Outcome:
    """What a run did; the log names each batch that failed, with the reason."""

    examined: int = 0
    repriced: int = 0
    failed: int = 0


def batches_reprice(
    *, days_threshold: int = WINDOW_DAYS, now: datetime | None = None, failed_of: str | None = None
) -> Outcome:
    """Give the batches that expire within so many days the prices of `now`, or of them those that failed in a run."""
    done = sweep_run(sweep=recompute(days_threshold), now=now, failed_of=failed_of)
    outcome = Outcome(done.examined, done.changed, done.failed)
    logger.info("Repriced %s batches", outcome.repriced, extra={"fields": asdict(outcome)})
    return outcome
