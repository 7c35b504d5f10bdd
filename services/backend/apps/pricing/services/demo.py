"""The demonstration's shelf: batches on every step of a rule, counted from today."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from apps.pricing.enums import DateKind
from apps.pricing.models import Batch, PricingSettings, Product, Rule
from core.clock import database_now
from core.demo.services import HARBOUR, demo_organisation
from core.organisations.models import Organisation

STEP = Decimal("0.05")


@dataclass(frozen=True)
class DemoProduct:
    sku: str
    name: str
    list_price: Decimal
    floor_price: Decimal
    days_left: tuple[int, ...]
    """One batch for each."""
    date_kind: DateKind = DateKind.USE_BY


PRODUCTS = (
    DemoProduct("MILK-1L", "Whole milk, 1 l", Decimal("1.60"), Decimal("0.60"), (1, 4, 12)),
    DemoProduct("SALMON-200", "Smoked salmon, 200 g", Decimal("6.50"), Decimal("4.00"), (0, 3, 6)),
    DemoProduct("BREAD-RYE", "Rye bread", Decimal("3.20"), Decimal("1.00"), (2, 9), DateKind.BEST_BEFORE),
)
RULE = {"tiers": [[7, 10], [3, 25], [1, 50]]}


@transaction.atomic
def shelf_seed(reset: bool) -> str:
    """Add what is missing; `reset` gives the batches that exist their list price and their dates again."""
    organisation = demo_organisation(HARBOUR)
    PricingSettings.objects.get_or_create(organisation=organisation, defaults={"currency": "GBP"})
    rule, _ = Rule.objects.get_or_create(organisation=organisation, name="Fresh food", defaults=RULE)
    Rule.objects.filter(pk=rule.pk, active=False).update(active=True)
    if added := sum(_product_seed(organisation, demo, reset) for demo in PRODUCTS):
        return f"Added {added} batches of perishables."
    return "Put the demo's shelf back." if reset else "The demo's shelf is all there; --reset puts it back."


def _product_seed(organisation: Organisation, demo: DemoProduct, reset: bool) -> int:
    today = database_now().astimezone(ZoneInfo(HARBOUR.tz)).date()
    prices = {"list_price": demo.list_price, "floor_price": demo.floor_price, "rounding": STEP}
    fields = prices | {"name": demo.name, "tz": HARBOUR.tz, "date_kind": demo.date_kind}
    product, _ = Product.objects.get_or_create(organisation=organisation, sku=demo.sku, defaults=fields)
    added = 0
    for number, days in enumerate(demo.days_left, start=1):
        dates = {"received_on": today - timedelta(days=2), "expires_on": today + timedelta(days=days)}
        key = {"product": product, "code": f"DEMO-{number}"}
        batch, is_new = Batch.objects.get_or_create(**key, defaults=dates | {"qty": 12})
        if reset and not is_new:
            row, start = Batch.objects.filter(pk=batch.pk), {"manual_price": None, "manual_until": None, **dates}
            # Off the shelf and back on it: so the next run looks at it, whatever it had found.
            row.update(qty=0, price=demo.list_price, **start)
            row.update(qty=12)
        added += is_new
    return added
