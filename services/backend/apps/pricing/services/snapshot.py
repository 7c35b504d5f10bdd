"""The chore: write down what each batch on the shelf costs at a full hour, whatever the hour it is done in."""

import logging
from datetime import datetime

from apps.pricing.enums import WINDOW_DAYS
from apps.pricing.foresight import priced
from apps.pricing.models import Batch
from core.clock import database_now
from core.runs.models import Run
from core.runs.running import running
from core.sweep.batches import BATCH_ROWS, batch_transaction
from core.sweep.walk import Tally

logger = logging.getLogger("deskbeat.pricing")

# What was written down for this hour before stays: a run that is repeated changes nothing.
INSERT = """
    INSERT INTO pricing_pricepoint (batch_id, at, list_price, price, reason, rule_id, run_id)
    SELECT id, %(at)s, list_price, price, 'snapshot', rule, %(run)s::uuid
    FROM unnest(%(ids)s::bigint[], %(lists)s::numeric[], %(prices)s::numeric[], %(rules)s::bigint[])
         AS new (id, list_price, price, rule)
    ON CONFLICT (batch_id, at, reason) DO NOTHING
"""


def prices_snapshot(*, at: datetime | None = None) -> int:
    """Write the snapshot of the full hour before `at` (default: the run's slot, else now); return how many are new."""
    hour = (at or _slot() or database_now()).replace(minute=0, second=0, microsecond=0)
    tally = Tally()
    after: int | None = 0
    while after is not None:
        tally.tell()
        after = _page_write(tally, hour, after)
    logger.info("Wrote %s prices down", tally.changed)
    return tally.changed


def _slot() -> datetime | None:
    run = running()
    return Run.objects.values_list("slot", flat=True).get(id=run.id) if run else None


def _page_write(tally: Tally, hour: datetime, after: int) -> int | None:
    """Write one page down, and return the batch that it ended with, or None."""
    run = tally.run
    # Further away from its date a batch has its list price.
    rows = Batch.objects.on_the_shelf(hour, WINDOW_DAYS).priceable()
    with batch_transaction(run.id if run else None) as (cursor, _):
        batches = list(rows.filter(pk__gt=after).order_by("pk")[:BATCH_ROWS])
        prices = [(batch, priced(batch, hour)[0]) for batch in batches]
        sold = [(batch.pk, batch.product.list_price, price) for batch, price in prices if price.amount is not None]
        arrays = {
            "ids": [pk for pk, _, _ in sold],
            "lists": [list_price for _, list_price, _ in sold],
            "prices": [price.amount for _, _, price in sold],
            "rules": [price.rule for _, _, price in sold],
        }
        cursor.execute(INSERT, arrays | {"at": hour, "run": run.id if run else None})
        written = cursor.rowcount
        tally.commit(examined=len(batches), changed=written)
    tally.add(examined=len(batches), changed=written)
    return batches[-1].pk if len(batches) == BATCH_ROWS else None
