"""Which batches are due for another price: facts by SQL, the decision by the price function.

The hourly run, the preview, the guard and the refresh of due times are made of it. A batch is due when its stored price
is not the one that `price.price_at` gives now.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from apps.pricing.enums import WINDOW_DAYS
from apps.pricing.price import Item, price_and_next, tariffs_of
from core.schedules.slots import INSTANT
from core.sweep.declaration import Decision, Due, Row

# In the order of what `decide` takes apart: the row, what is stored, the rules, and the fields of an Item.
FACTS = """
    SELECT due.id, due.hint, due.price, rules.text, p.list_price, p.floor_price, p.cost, p.rounding, p.date_kind, p.tz,
           p.sku, due.received_on, due.expires_on, due.manual_price, due.manual_until
    FROM due
    JOIN pricing_product p ON p.id = due.product_id
    JOIN (SELECT organisation_id, pricing_rules(organisation_id) AS text
          FROM (SELECT DISTINCT organisation_id FROM due) whose) rules ON rules.organisation_id = due.organisation_id
"""
COLUMNS = (
    ("price", "numeric"),
    ("percent", "smallint"),
    ("rule_id", "bigint"),
    ("reason", "text"),
    ("list_price", "numeric"),
    ("old_price", "numeric"),
    ("next_at", "timestamptz"),
)
NOTHING = (None,) * len(COLUMNS)


def decide(rows: Sequence[tuple[Any, ...]], now: datetime) -> Iterator[tuple[Any, ...]]:
    """Say of each row since when it should have which price; of one that has it, when it is due next."""
    for row_id, hint, stored, rules, *facts in rows:
        item = Item._make(facts)
        price, following = price_and_next(item, tariffs_of(rules), now)
        next_at = following and following.at
        if price.amount == stored:
            yield row_id, hint, next_at, *NOTHING
            continue
        # A step is on record from when it came, however late the run; what a person changed, from when that was.
        since = max(price.at, min(hint or now, now - INSTANT))
        given = price.amount, price.percent, price.rule, price.reason.value, item.list_price, stored, next_at
        yield row_id, hint, since, *given


SHOWN = "t.id, p.sku, p.name, t.code, o.slug, checked.old_price, checked.price, checked.percent, r.name"


def describe(row: tuple[Any, ...]) -> Row:
    batch, sku, name, code, organisation, old, new, percent, rule = row
    what = "Take off sale" if new is None else f"Reprice from {_said(old)} to {_said(new)}:"
    why = "its use-by date is over" if new is None else f"{percent} % off by {rule}" if rule else "no discount applies"
    return Row(f"pricing.batch:{batch}", f"{what} {sku} {name!r}, batch {code} of {organisation}", why)


def _said(amount: Any) -> str:
    return "not for sale" if amount is None else f"{amount.normalize():f}"


# Batches that only the rule finds: of a product, or covered by a rule, whose change is not worked in yet.
UNHINTED = """
    t.qty > 0 AND (t.reprice_at IS NULL OR t.reprice_at >= %(now)s)
    AND (t.product_id IN (SELECT id FROM pricing_product WHERE stale_since IS NOT NULL)
         OR t.organisation_id IN (SELECT organisation_id FROM pricing_rule WHERE stale_since IS NOT NULL))
    AND t.expires_on <= pricing_reach(%(now)s, %(days)s)
"""


def within(days: int) -> Due:
    """Return how batches become due that expire within so many days."""
    return Due(
        table="pricing_batch",
        subject="pricing.batch",
        hint="reprice_at",
        waiting="t.qty > 0 AND t.expires_on <= pricing_reach(%(now)s, %(days)s)",
        columns="t.organisation_id, t.product_id, t.price, t.received_on, t.expires_on, t.manual_price, t.manual_until",
        check=FACTS,
        decision=Decision(COLUMNS, decide),
        shown=SHOWN,
        joins="""
            JOIN pricing_product p ON p.id = t.product_id JOIN organisations_organisation o ON o.id = t.organisation_id
            LEFT JOIN pricing_rule r ON r.id = checked.rule_id
        """,
        describe=describe,
        unhinted=UNHINTED,
        values=lambda: {"days": days},
    )


REPRICE_DUE = within(WINDOW_DAYS)
