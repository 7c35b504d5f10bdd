"""The recompute as a run: guarded, counted, undone, and never stopped by one bad batch."""

import tracemalloc
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from apps.pricing import services
from apps.pricing.enums import RECOMPUTE_TASK
from apps.pricing.models import Batch, Discount, PricePoint
from apps.pricing.price import price_at
from apps.pricing.tests.factories import BatchFactory, ProductFactory, clock
from core.clock import database_now
from core.runs.errors import RunHeldError
from core.runs.models import Run, RunItem
from core.runs.running import running
from core.sweep.services import sweep_run
from core.sweep.services.undo import changes_undo

pytestmark = pytest.mark.django_db

LONG_AGO = "2026-01-01T00:00Z"


@pytest.fixture
def batches(organisation, rule) -> list[Batch]:
    """Three batches that are due since long, at 10, 25 and 50 percent."""
    product = ProductFactory(organisation=organisation)
    made = [BatchFactory(product=product, days=days) for days in (7, 3, 1)]
    services.due_times_refresh()
    Batch.objects.update(reprice_at=LONG_AGO)
    return made


def prices() -> list[Decimal | None]:
    return list(Batch.objects.order_by("pk").values_list("price", flat=True))


def undo(run: Run, at_work) -> tuple[int, int, int]:
    at_work(name="sweep.undo_run", requested_by="Olga")
    done = changes_undo(run_id=run.id)
    return done.examined, done.changed, done.failed


def read(batch: Batch) -> Decimal | None:
    found = Batch.objects.priceable().get(pk=batch.pk)
    return price_at(found.item, found.tariffs, database_now()).amount


def test_a_run_is_told_its_counts_and_signs_what_it_did(at_work, batches):
    run = at_work(name=RECOMPUTE_TASK)

    services.batches_reprice()

    assert (running().examined, running().changed, running().failed) == (3, 3, 0)
    assert set(PricePoint.objects.values_list("run_id", flat=True)) == {run.id}
    assert set(Discount.objects.values_list("run_id", flat=True)) == {run.id}


def test_far_more_than_usual_is_held_with_its_preview(at_work, organisation, rule):
    at_work(name=RECOMPUTE_TASK)
    product = ProductFactory(organisation=organisation)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO pricing_batch (organisation_id, product_id, code, received_on, expires_on, qty)"
            " SELECT %s, %s, 'L' || n, current_date - 9, current_date + 1, 1 FROM generate_series(1, 1001) n",
            [organisation.pk, product.pk],
        )
    services.due_times_refresh()

    with pytest.raises(RunHeldError, match="1,001 rows would be repriced, more than the limit of 1,000") as held:
        services.batches_reprice(now=clock())

    assert held.value.preview["count"] == 1001
    assert len(held.value.preview["rows"]) == 20
    assert set(prices()) == {Decimal("4.00")}


def test_a_batch_that_raises_stops_nobody_and_is_retried_alone(at_work, batches):
    run = at_work(name=RECOMPUTE_TASK)
    bad = batches[1]
    # Its discount is there already, without the batch knowing.
    Discount.objects.create(batch=bad, percent=1, price=1, valid_from=LONG_AGO, valid_to=None, status="expired")
    now = database_now()

    assert services.batches_reprice() == services.Outcome(3, 2, 1)

    assert prices() == [Decimal("3.60"), Decimal("4.00"), Decimal("2.00")]
    (item,) = RunItem.objects.filter(run=run)
    assert (item.subject, "one_discount_at_a_time" in item.error) == (f"pricing.batch:{bad.pk}", True)
    assert Batch.objects.get(pk=bad.pk).reprice_at == now + timedelta(hours=1)
    assert read(bad) == Decimal("3.00")

    Discount.objects.all().delete()
    assert services.batches_reprice(failed_of=str(run.id)).repriced == 1
    assert prices()[1] == Decimal("3.00")


@pytest.mark.django_db(transaction=True)
def test_an_undo_puts_the_prices_back_until_the_rules_take_their_next_step(at_work, batches):
    run = at_work(name=RECOMPUTE_TASK)
    services.batches_reprice()
    stepping = Batch.objects.get(pk=batches[0].pk).reprice_at

    assert undo(run, at_work) == (3, 3, 0)

    assert prices() == [Decimal("4.00")] * 3 == [read(batch) for batch in batches]
    at_work(name=RECOMPUTE_TASK)
    assert services.batches_reprice().repriced == 0
    assert list(Discount.objects.values_list("status", flat=True)) == ["superseded"] * 3
    assert PricePoint.objects.filter(reason="manual", price=4).count() == 3
    back = Batch.objects.priceable().get(pk=batches[0].pk)
    assert price_at(back.item, back.tariffs, stepping).amount == Decimal("3.00")
    assert undo(run, at_work) == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_an_undo_leaves_alone_what_was_changed_since(at_work, batches):
    run = at_work(name=RECOMPUTE_TASK)
    services.batches_reprice()
    Batch.objects.filter(pk=batches[0].pk).update(manual_price=1)
    at_work(name=RECOMPUTE_TASK)
    services.batches_reprice()
    Batch.objects.filter(pk=batches[1].pk).update(expires_on="2999-01-01")
    Batch.objects.filter(pk=batches[1].pk).update(reprice_at=LONG_AGO)

    assert undo(run, at_work) == (3, 1, 2)

    assert set(RunItem.objects.values_list("error", flat=True)) == {
        "Its price, product, stock or rule was changed since."
    }


def test_what_went_off_sale_stays_off_at_an_undo(at_work, organisation):
    run = at_work(name=RECOMPUTE_TASK)
    batch = BatchFactory(product__organisation=organisation, days=-1)
    services.batches_reprice(now=clock())

    assert undo(run, at_work) == (1, 0, 1)

    assert read(batch) is None
    assert RunItem.objects.get().error == "Its date is over: it stays off sale."


def test_ended_discounts_are_marked_and_the_others_left(batches):
    services.batches_reprice()
    ended = Discount.objects.get(batch=batches[0])
    Discount.objects.filter(pk=ended.pk).update(valid_from="2025-12-01T00:00Z", valid_to=LONG_AGO)
    before = [read(batch) for batch in batches]

    assert services.discounts_expire() == 1
    assert services.discounts_expire() == 0

    assert Discount.objects.get(status="expired").pk == ended.pk
    assert [read(batch) for batch in batches] == before


def test_a_snapshot_is_of_its_hour_once(batches, organisation):
    far, empty = BatchFactory(days=90), BatchFactory(days=1, qty=0)
    over = BatchFactory(product__organisation=organisation, days=-3)
    now = clock()

    assert services.prices_snapshot(at=now) == 3
    assert services.prices_snapshot(at=now) == 0

    hour = now.replace(minute=0, second=0, microsecond=0)
    points = PricePoint.objects.filter(reason="snapshot")
    assert set(points.values_list("at", flat=True)) == {hour}
    assert set(points.values_list("price", flat=True)) == {Decimal("3.60"), Decimal("3.00"), Decimal("2.00")}
    assert not points.filter(batch__in=[far, empty, over]).exists()


def test_memory_does_not_grow_with_the_batches(organisation, rule):
    product, peaks = ProductFactory(organisation=organisation), []
    services.due_times_refresh()
    for batch, rows in enumerate((1000, 1000, 6000)):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO pricing_batch (organisation_id, product_id, code, received_on, expires_on, qty)"
                " SELECT %s, %s, %s || '-' || n, current_date - 9, current_date + 1, 1 FROM generate_series(1, %s) n",
                [organisation.pk, product.pk, str(batch), rows],
            )
        tracemalloc.start()
        done = sweep_run(sweep=services.recompute(), now=clock())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert done.changed == rows

    assert peaks[2] < peaks[1] * 2 + 200_000
