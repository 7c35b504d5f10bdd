"""`make bench-pricing`: the hourly recompute, a changed rule and a page of prices, beside the least that could do."""

import gc
import multiprocessing
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.pricing.enums import RECOMPUTE_TASK, WINDOW_DAYS
from apps.pricing.models import Batch, Discount, PricePoint, Rule
from apps.pricing.price import price_at
from apps.pricing.services.recompute import batches_reprice
from benchmarks.chore import Results, as_run, databases_fill, judged, measure, milliseconds, until_done
from benchmarks.contenders import Contender
from benchmarks.filling import STRIDE
from benchmarks.memory import peak_kib
from benchmarks.reach import Reach
from benchmarks.scale import QUICK, scale_chosen
from benchmarks.serving import served
from benchmarks.tables import COPY, connected, copied

# Midnight of every zone here: the tiers' boundaries.
START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = START + timedelta(minutes=30)
IDLE = START - timedelta(minutes=30)
ORGANISATIONS = 5
PAGE = 100
LOOP_ROWS = 300

OWNERS = f"""
    INSERT INTO organisations_organisation (id, slug, name, tz, is_active)
    SELECT o, 'organisation-' || o, 'Organisation ' || o, 'UTC', true FROM generate_series(1, {ORGANISATIONS}) o
"""
CURRENCIES = "INSERT INTO pricing_pricingsettings SELECT id, 'EUR' FROM organisations_organisation"
RULES = """
    INSERT INTO pricing_rule (id, organisation_id, name, scope, tiers, policy, active, stale_scopes)
    SELECT id, id, 'Fresh', '{}', '[[7, 10], [3, 25], [1, 50]]', 'tiers', true, '[]' FROM organisations_organisation
"""
PRODUCTS = f"""
    INSERT INTO pricing_product (id, organisation_id, sku, name, list_price, floor_price, date_kind, tz, rounding)
    SELECT p, 1 + p %% {ORGANISATIONS}, 'SKU-' || p, 'Product ' || p, 4, 1, 'use_by', 'UTC', 0.05
    FROM generate_series(1, %(rows)s / 100) p
"""
# 1 % steps down to its first tier at the start; 29 % has its date within 30 days and a step ahead of it; the rest lies
# further away. They are spread over the table.
BATCHES = f"""
    WITH batch AS (
        SELECT id, id * {STRIDE} %% %(rows)s AS place FROM generate_series(1, %(rows)s::bigint) id
    ), dated AS (
        SELECT *, (%(start)s AT TIME ZONE 'UTC')::date + CASE
            WHEN place < %(rows)s / 100 THEN 7 WHEN place < %(rows)s * 3 / 10 THEN 8 + (place %% 22)::int
            ELSE 40 + (place %% 300)::int END AS expires FROM batch
    )
    INSERT INTO pricing_batch (id, organisation_id, product_id, code, received_on, expires_on, qty, price, reprice_at)
    SELECT id, 1 + (1 + id %% (%(rows)s / 100)) %% {ORGANISATIONS}, 1 + id %% (%(rows)s / 100), 'B-' || id,
        expires - 60, expires, 10, 4, greatest(
            (expires - 7)::timestamp AT TIME ZONE 'UTC', (expires - 31)::timestamp AT TIME ZONE 'UTC')
    FROM dated
"""
FILL = (OWNERS, CURRENCIES, RULES, PRODUCTS, BATCHES)
TABLES = ("pricing_batch", "pricing_product", "pricing_discount", "pricing_pricepoint")

# The least that updates the price and writes discount and history in short transactions: it believes the hint, and
# knows the one price that comes out.
FLOOR = """
    WITH due AS (
        SELECT id FROM pricing_batch WHERE qty > 0 AND reprice_at IS NOT NULL AND reprice_at < %(now)s
        ORDER BY reprice_at, id LIMIT 1000 FOR UPDATE SKIP LOCKED
    ), changed AS (
        UPDATE pricing_batch t SET price = 3.60, reprice_at = reprice_at + interval '4 days' FROM due
        WHERE t.id = due.id RETURNING t.id, t.organisation_id, t.reprice_at
    ), discounted AS (
        INSERT INTO pricing_discount (batch_id, rule_id, percent, price, valid_from, valid_to, status)
        SELECT id, organisation_id, 10, 3.60, %(now)s, reprice_at, 'active' FROM changed
    )
    INSERT INTO pricing_pricepoint (batch_id, at, list_price, price, old_price, reason, rule_id)
    SELECT id, %(now)s, 4, 3.60, 4, 'change', organisation_id FROM changed
"""


def ours(now: datetime) -> int:
    return batches_reprice(now=now).repriced


def floor(now: datetime) -> int:
    return until_done(FLOOR, now)


def source(now: datetime) -> int:
    """Load every batch within 30 days and save it one by one; so many of them tell what each costs."""
    if now < START:
        return 0
    batches = list(Batch.objects.on_the_shelf(now, WINDOW_DAYS).priceable().order_by("expires_on", "id")[:LOOP_ROWS])
    for batch in batches:
        _save(batch, now)
    return len(batches)


@transaction.atomic
def _save(batch: Batch, now: datetime) -> None:
    price = price_at(batch.item, batch.tariffs, now)
    changed = price.amount != batch.price
    Batch.objects.filter(pk=batch.pk).update(price=price.amount)
    if changed and price.amount is not None:
        values = {"rule_id": price.rule, "percent": price.percent, "price": price.amount}
        Discount.objects.create(batch=batch, valid_from=now, **values)
        point = {"list_price": batch.product.list_price, "price": price.amount, "rule_id": price.rule}
        PricePoint.objects.create(batch=batch, at=now, reason="change", **point)


def rule_changed(now: datetime) -> int:
    """Work a change of one organisation's rule in, which a fifth of all batches follow; return how many rules that are.

    To count the batches would be the longest transaction.
    """
    if now < START:
        return 0
    Rule.objects.filter(pk=1).update(tiers=[[7, 15], [3, 25], [1, 50]])
    batches_reprice(now=now)
    return 1


RECOMPUTE: dict[str, Contender] = {"ours": as_run(RECOMPUTE_TASK, ours), "floor": floor, "source": source}
CHANGE: dict[str, Contender] = {"rule": as_run(RECOMPUTE_TASK, rule_changed)}


def page_priced() -> int:
    batches = Batch.objects.filter(organisation=1).priceable().order_by("-id")[:PAGE]
    return len([price_at(batch.item, batch.tariffs, START) for batch in batches])


def queries(database: str, read: Callable[[], object]) -> int:
    with connected(database), CaptureQueriesContext(connection) as asked:
        read()
    return len(asked)


def growth_mb(database: str) -> float:
    """Return by how much a changed rule raises a process's peak, after a run that had nothing to do."""
    spawn = multiprocessing.get_context("spawn")
    with copied(database), ProcessPoolExecutor(max_workers=1, mp_context=spawn) as process:
        return process.submit(_growth_kib).result() / 1024


def _growth_kib() -> int:
    with connected(COPY):
        CHANGE["rule"](IDLE)
        ours(IDLE)
        gc.collect()
        before = peak_kib()
        CHANGE["rule"](HOUR)
        return peak_kib() - before


def compare() -> bool:
    scale, results = scale_chosen(), Results()
    sizes = {rows: f"batches_{rows}" for rows in (scale.tables[0], scale.tables[-1])}
    databases_fill(RECOMPUTE_TASK, FILL, TABLES, {name: {"rows": rows, "start": START} for rows, name in sizes.items()})
    (_, small), (rows, large) = sizes.items()
    measure(results, large, "1 % on a boundary", HOUR, RECOMPUTE, IDLE)
    measure(results, large, "a changed rule", HOUR, CHANGE, IDLE)
    memory = [growth_mb(database) for database in (small, large)]
    pages = [milliseconds(page_priced, database) for database in (small, large)]
    asked = queries(large, page_priced)
    case, within = (large, "1 % on a boundary"), rows * 3 // 10
    one_by_one = within / results.rate(*case, "source") / results.seconds(*case, "ours")
    share = results.rate(*case, "ours") / results.rate(*case, "floor")
    touched = max(run.rows for run in results.runs[*case, "ours"])
    rule = f"a rule of {rows // ORGANISATIONS:,} batches"
    with judged("Pricing") as verdicts:
        results.show()
        print(f"\nA page of {PAGE} prices: {pages[0]:.2f} ms in {small}, {pages[1]:.2f} ms in {large}")
        verdicts += [
            Reach("rows per second over the floor's, 1 % on a boundary", share, 0.5, at_least=True),
            Reach("rows that are touched over those on a boundary", touched / (rows // 100), 1.0),
            Reach(f"times as fast as {within:,} batches one by one", one_by_one, 20, at_least=True),
            Reach(f"{rule}: the longest transaction", results.longest_ms("rule"), 150, " ms"),
            Reach(f"{rule}: memory above that of the small table's", memory[1] - memory[0], 2, " MB"),
            Reach(f"queries for a page of {PAGE} prices", asked, 1),
            Reach("a page of prices: time in the large table over the small", pages[1] / pages[0], 1.5),
        ]
    return scale is QUICK or all(reach.passed for reach in verdicts)


if __name__ == "__main__":
    sys.exit(served(compare))
