"""What prices were is forgotten after a time; what a batch costs since when, and what can be undone, never."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection

from apps.pricing import services
from apps.pricing.models import Batch, Discount, PricePoint
from apps.pricing.services import retention
from apps.pricing.tasks import cleanup_expired_discounts
from apps.pricing.tests.factories import BatchFactory
from core.clock import database_now
from core.runs.tests.factories import run_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(organisation) -> Batch:
    return BatchFactory(product__organisation=organisation)


def point(batch: Batch, days: float, reason: str = "change", **values) -> PricePoint:
    at = database_now() - timedelta(days=days)
    return PricePoint.objects.create(batch=batch, at=at, list_price=4, price=3, reason=reason, **values)


def discount(batch: Batch, ended: float, status: str) -> Discount:
    end = database_now() - timedelta(days=ended)
    times = {"valid_from": end - timedelta(hours=1), "valid_to": end}
    return Discount.objects.create(batch=batch, percent=25, price=3, status=status, **times)


def kept(model=PricePoint) -> set[int]:
    return set(model.objects.values_list("pk", flat=True))


def test_snapshots_go_after_90_days(batch):
    point(batch, 91, "snapshot")
    young = point(batch, 89, "snapshot")

    assert services.history_forget()["snapshots_deleted"] == 1
    assert kept() == {young.pk}


def test_changes_go_after_400_days_but_a_batchs_last(batch):
    point(batch, 700)
    point(batch, 500, "manual")
    last, other = point(batch, 401), point(BatchFactory(), 1000)
    point(batch, 0.5, "snapshot")

    assert services.history_forget() == {"snapshots_deleted": 0, "changes_deleted": 2, "discounts_deleted": 0}
    assert kept() >= {last.pk, other.pk}


def test_discounts_go_400_days_after_their_end(batch):
    for status in ("expired", "superseded"):
        discount(BatchFactory(product=batch.product), 401, status)
    young, active = discount(batch, 399, "expired"), discount(batch, 500, "active")

    assert services.history_forget()["discounts_deleted"] == 2
    assert kept(Discount) == {young.pk, active.pk}


def test_0_days_keep_for_ever(batch, settings):
    settings.PRICE_SNAPSHOT_RETENTION_DAYS = settings.PRICE_HISTORY_RETENTION_DAYS = 0
    point(batch, 5000, "snapshot")
    point(batch, 5001)
    point(batch, 5000)
    discount(batch, 5000, "expired")

    assert set(services.history_forget().values()) == {0}


def test_what_a_run_did_stays_as_long_as_the_run_so_that_no_undo_is_half_done(batch, settings):
    settings.PRICE_HISTORY_RETENTION_DAYS = 10
    run = run_make("SUCCEEDED", name="recompute_all_discounts")
    undoable = point(batch, 20, run_id=run.id)
    point(batch, 19, run_id=uuid4())
    last = point(batch, 18)

    assert services.history_forget()["changes_deleted"] == 1
    assert kept() == {undoable.pk, last.pk}
    run.delete()
    assert services.history_forget()["changes_deleted"] == 1
    assert kept() == {last.pk}


def test_pages_go_past_what_stays(organisation, monkeypatch):
    monkeypatch.setattr(retention, "PAGE_ROWS", 2)
    for _ in range(3):
        batch = BatchFactory(product__organisation=organisation)
        for days in (600, 599, 500):
            point(batch, days)

    assert services.history_forget()["changes_deleted"] == 6
    assert PricePoint.objects.count() == 3


def test_the_daily_chore_forgets_and_says_how_much(batch, at_work):
    at_work(name="cleanup_expired_discounts")
    point(batch, 91, "snapshot")
    discount(batch, 1, "active")
    expected = {"expired": 1, "snapshots_deleted": 1, "changes_deleted": 0, "discounts_deleted": 0}

    assert cleanup_expired_discounts.run() == expected
    assert batch.price == Decimal("4.00")


@pytest.mark.parametrize(
    ("what", "index"),
    [("snapshots", "price_point_snapshot"), ("changes", "price_point_change"), ("discounts", "discount_ended")],
)
def test_what_is_old_is_found_by_an_index(what, index):
    statement = retention.DELETE.format(**retention.FORGOTTEN[what]._asdict())
    values = {"before": database_now(), "at": retention.START[0], "id": 0, "limit": 1000}

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {statement}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert f"using {index} on" in plan
