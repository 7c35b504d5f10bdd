"""Keep every batch's due time true when a rule or a product changes: in short batches, resumable at any point.

What changed is marked as stale by the database, in the transaction of the change, and the mark is cleared after the
last batch, so a crash between leaves work for the next run.
"""

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import DatabaseError
from django.db.backends.utils import CursorWrapper

from apps.pricing.models import Product, Rule
from apps.pricing.price import tariff_of
from apps.pricing.reprice_rule import REPRICE_DUE
from core.runs.running import running
from core.sweep.batches import batch_transaction, concerns_rows
from core.sweep.decide import UndecidedError, decisions

logger = logging.getLogger("deskbeat.pricing")

PRODUCTS = 1000
# Half of what the kernel takes: a row costs several, in more indexes, and nobody should wait long for one.
PAGE_ROWS = 250

# In the order of the index. Waits for the locks, so that it decides after whoever decided by the rules of before.
LOCK = """
    SELECT b.id, b.product_id FROM pricing_batch b
    WHERE b.product_id = ANY(%(products)s) AND (b.product_id, b.id) > (%(product)s, %(id)s) AND b.qty > 0
    ORDER BY b.product_id, b.id LIMIT %(limit)s FOR UPDATE
"""
WRITE = """
    UPDATE pricing_batch b SET reprice_at = due.at
    FROM (SELECT d.id, CASE WHEN d.at <= %(now)s THEN pricing_due(b.expires_on, clock_timestamp()) ELSE d.at END AS at
          FROM unnest(%(ids)s::bigint[], %(ats)s::timestamptz[]) d (id, at)
          JOIN pricing_batch b USING (id)) due
    WHERE b.id = due.id AND b.reprice_at IS DISTINCT FROM due.at
"""


def due_times_refresh() -> None:
    """Bring the due times of all that stale products and rules touch up to date."""
    for product in Product.objects.filter(stale_since__isnull=False):
        if _refresh(iter([[product.pk]]), product):
            Product.objects.filter(pk=product.pk, stale_since=product.stale_since).update(stale_since=None)
    for rule in Rule.objects.filter(stale_since__isnull=False):
        if _refresh(_products_of(rule), rule):
            # A rule that changed again meanwhile has a newer mark, which stays.
            seen = Rule.objects.filter(pk=rule.pk, stale_since=rule.stale_since)
            seen.update(stale_since=None, stale_scopes=[])


def _products_of(rule: Rule) -> Iterator[list[int]]:
    """Yield, page by page, the products that the rule covers or covered."""
    covering = [tariff_of((0, "", rule.policy, [], scope, None, None)) for scope in rule.stale_scopes]
    rows = Product.objects.filter(organisation=rule.organisation_id).order_by("pk")
    after = 0
    while page := list(rows.filter(pk__gt=after).values_list("pk", "sku", "date_kind")[:PRODUCTS]):
        yield [pk for pk, sku, kind in page if any(tariff.covers(sku, kind) for tariff in covering)]
        after = page[-1][0]


def _refresh(pages: Iterator[list[int]], changed: Product | Rule) -> bool:
    try:
        for products in pages:
            _products_refresh(products)
    except DatabaseError as error:
        if not concerns_rows(error):
            raise
        logger.warning("What %r touches stays stale until the next run: %s", changed, str(error).strip())
        return False
    return True


def _products_refresh(products: list[int]) -> None:
    place: tuple[int, int] | None = (0, 0)
    run = running()
    while place and products:
        if run:
            run.checkpoint()
        place = _page_refresh(products, *place)


def _page_refresh(products: list[int], product: int, batch: int) -> tuple[int, int] | None:
    """Give one page of batches their due times and return where it ended, or None."""
    values: dict[str, Any] = {"products": products, "product": product, "id": batch, "limit": PAGE_ROWS}
    with batch_transaction() as (cursor, now):
        cursor.execute(LOCK, values)
        rows = cursor.fetchall()
        decided = _decided(cursor, [row[0] for row in rows], now)
        cursor.execute(WRITE, {"ids": [row[0] for row in decided], "ats": [row[2] for row in decided], "now": now})
    return (rows[-1][1], rows[-1][0]) if len(rows) == PAGE_ROWS else None


def _decided(cursor: CursorWrapper, ids: list[int], now: datetime) -> list[tuple[Any, ...]]:
    """Ask the rule; where it cannot decide about one of them, the run is to look at all, each for itself."""
    try:
        return decisions(due=REPRICE_DUE, cursor=cursor, ids=ids, now=now, values=REPRICE_DUE.values())
    except UndecidedError as error:
        logger.warning("Batches are left to the run: %s", error)
        return [(batch, None, now) for batch in ids]
