"""The hourly run: each batch whose price has changed, and only it, gets the price that everybody has read already."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from apps.pricing import services
from apps.pricing.models import Batch, Discount, PricePoint, Product, Rule
from apps.pricing.price import day_start, next_change, price_at
from apps.pricing.reprice_rule import REPRICE_DUE
from apps.pricing.services import Outcome
from apps.pricing.tests.factories import BatchFactory, ProductFactory, RuleFactory, clock, day
from core.clock import database_now
from core.sweep.preview import sweep_preview, taken_count

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def reprice(*, now=None, **options) -> Outcome:
    """Run by the clock that goes on: a test is one transaction, whose time stands still."""
    services.due_times_refresh()
    return services.batches_reprice(now=now or clock(), **options)


def read(batch: Batch) -> Batch:
    return Batch.objects.priceable().get(pk=batch.pk)


def test_batch_gets_the_price_of_its_tier_on_record(product, rule):
    batch, fresh = BatchFactory(product=product, days=3), BatchFactory(product=product, days=20)

    assert reprice() == Outcome(examined=1, repriced=1)

    batch, since = read(batch), PricePoint.objects.get().at
    assert (batch.price, batch.reprice_at) == (Decimal("3.00"), day_start(day(2), "UTC"))
    assert list(
        Discount.objects.values_list("batch", "rule", "percent", "price", "valid_from", "valid_to", "status")
    ) == [(batch.pk, rule.pk, 25, Decimal("3.00"), since, batch.reprice_at, "active")]
    assert list(
        PricePoint.objects.values_list("batch", "at", "list_price", "old_price", "price", "reason", "rule")
    ) == [(batch.pk, since, Decimal("4.00"), Decimal("4.00"), Decimal("3.00"), "change", rule.pk)]
    assert read(fresh).price == Decimal("4.00")


def test_step_is_on_record_from_when_it_came_however_late_the_run(product, rule):
    batch = BatchFactory(product=product, days=3)
    reprice()

    assert reprice(now=database_now() + timedelta(days=2, hours=5)) == Outcome(1, 1)

    boundary = day_start(day(2), "UTC")
    assert list(Discount.objects.values_list("percent", "valid_to", "status")) == [
        (25, boundary, "active"),
        (50, None if batch.product.date_kind == "best_before" else day_start(day(4), "UTC"), "active"),
    ]
    assert PricePoint.objects.latest("at").at == boundary


def test_second_run_looks_at_nothing(product, rule):
    for days in (1, 3, 20, 90):
        BatchFactory(product=product, days=days)

    reprice()

    assert reprice() == Outcome()


def test_read_is_the_same_before_and_after_the_run(product, rule):
    batches = [BatchFactory(product=product, days=days) for days in range(-2, 12)]
    now = database_now()
    before = [price_at(batch.item, batch.tariffs, now) for batch in map(read, batches)]

    reprice()

    after = list(map(read, batches))
    assert [price_at(batch.item, batch.tariffs, now) for batch in after] == before
    assert [batch.price for batch in after] == [price.amount for price in before]
    assert [batch.reprice_at for batch in after] == [next_change(b.item, b.tariffs, now) for b in after]


def test_what_is_past_its_use_by_date_goes_off_sale(product, rule):
    batch = BatchFactory(product=product, days=1)
    reprice()

    over = day_start(day(2), "UTC")
    reprice(now=over + HOUR)

    assert (read(batch).price, read(batch).reprice_at) == (None, None)
    assert list(Discount.objects.values_list("valid_to", flat=True)) == [over]


def test_batches_outside_the_window_are_left_alone(product, rule):
    soon, later = BatchFactory(product=product, days=3), BatchFactory(product=product, days=7)

    assert reprice(days_threshold=5).repriced == 1
    assert (read(soon).price, read(later).price) == (Decimal("3.00"), Decimal("4.00"))


def test_batch_far_from_its_date_is_not_looked_at_before(product, rule):
    batch = BatchFactory(product=product, days=90)

    assert reprice() == Outcome()
    assert batch.reprice_at == day_start(day(90 - 31), "UTC")


def test_empty_shelf_is_not_priced(product, rule):
    BatchFactory(product=product, days=1, qty=0)

    assert reprice() == Outcome()


def test_stock_that_comes_back_is_priced_by_the_next_run(product, rule):
    batch = BatchFactory(product=product, days=1, qty=0)
    Batch.objects.filter(pk=batch.pk).update(qty=3)

    assert reprice() == Outcome(1, 1)


def test_rule_change_marks_only_the_batches_that_it_touches(organisation, product):
    milk = BatchFactory(product=ProductFactory(organisation=organisation, sku="MILK-1L"), days=3)
    bread = BatchFactory(product=product, days=3)
    reprice()
    rule = RuleFactory(organisation=organisation, scope={"skus": ["MILK*"]})

    assert reprice() == Outcome(1, 1)
    assert (read(milk).price, read(bread).price) == (Decimal("3.00"), Decimal("4.00"))

    Rule.objects.filter(pk=rule.pk).update(active=False)
    assert reprice() == Outcome(1, 1)
    assert list(Discount.objects.values_list("status", flat=True)) == ["superseded"]


def test_rule_that_changes_twice_between_two_runs_reaches_whom_it_covered_between(organisation, product):
    milk = BatchFactory(product=ProductFactory(organisation=organisation, sku="MILK-1L"), days=3)
    rule = RuleFactory(organisation=organisation, scope={"skus": ["MILK*"]})
    reprice()
    Rule.objects.filter(pk=rule.pk).update(scope={})
    Rule.objects.filter(pk=rule.pk).update(scope={"skus": ["BREAD*"]})

    reprice()

    assert read(milk).price == Decimal("4.00")
    rule.refresh_from_db()
    assert (rule.stale_since, rule.stale_scopes) == (None, [])


def test_changed_list_price_reaches_its_batches_and_no_others(organisation, product, rule):
    other, batch = BatchFactory(days=20), BatchFactory(product=product, days=3)
    reprice()

    Product.objects.filter(pk=product.pk).update(list_price=Decimal("2.00"))

    assert reprice() == Outcome(1, 1)
    assert (read(batch).price, read(other).price) == (Decimal("1.50"), Decimal("4.00"))


def test_rules_of_others_do_not_count(product):
    batch = BatchFactory(product=product, days=1)
    RuleFactory()

    reprice()

    assert read(batch).price == Decimal("4.00")


def test_preview_says_what_the_run_does(organisation, product, rule):
    batch, _ = BatchFactory(product=product, days=1, code="L7"), BatchFactory(product=product, days=20)
    now = database_now() + HOUR

    preview = sweep_preview(sweep=services.recompute(), now=now, organisation=organisation)

    assert (preview.count, taken_count(due=REPRICE_DUE, now=now, limit=100)) == (1, 1)
    what = f"Reprice from 4 to 2: {product.sku} 'Milk, 1 l', batch L7 of {organisation.slug}"
    assert [(row.subject, row.what, row.why) for row in preview.rows] == [
        (f"pricing.batch:{batch.pk}", what, "50 % off by Last week")
    ]


def test_preview_knows_rules_whose_batches_are_not_marked_yet(organisation, product):
    BatchFactory(product=product, days=1)
    reprice()
    RuleFactory(organisation=organisation)

    assert sweep_preview(sweep=services.recompute(), now=database_now() + HOUR).count == 1


def test_no_two_discounts_of_a_batch_hold_at_the_same_time(product, rule):
    batch, other = BatchFactory(product=product, days=3), BatchFactory(product=product, days=3)
    reprice()
    taken = Discount.objects.get(batch=batch)
    values = {"percent": 1, "price": 1, "valid_from": taken.valid_from + HOUR, "status": "expired"}

    with pytest.raises(IntegrityError, match="one_discount_at_a_time"), transaction.atomic():
        Discount.objects.create(batch=batch, **values, valid_to=None)
    Discount.objects.filter(batch=other).delete()
    Discount.objects.create(batch=other, **values, valid_to=None)
