"""Rules over the API: made off, weighed by a what-if that writes nothing, then switched."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from apps.pricing.models import Batch, Discount, PricePoint, Rule
from apps.pricing.tests.factories import BatchFactory, ProductFactory, RuleFactory
from core.audit.models import Audit
from core.runs.models import Run

pytestmark = pytest.mark.django_db


def test_a_rule_is_made_off_weighed_and_switched(organisation, product, owner, viewer):
    BatchFactory(product=product, days=1, qty=10)
    status, rule = owner("POST", "/rules", name="Half", tiers=[[1, 50]], scope={"skus": ["SKU-*"]})
    assert (status, rule["active"], rule["scope"]) == (201, False, {"skus": ["SKU-*"]})

    told = viewer("POST", f"/rules/{rule['id']}/what-if")[1]
    assert told["shelf"] == {
        "batches": 1, "changed": 1, "units": 10, "margin_cost": "20", "largest_percent": 50, "complete": True,
    }  # fmt: skip

    assert owner("POST", f"/rules/{rule['id']}/activate")[1]["active"] is True
    assert viewer("GET", "/batches")[1]["items"][0]["price"] == "2"
    assert owner("PATCH", f"/rules/{rule['id']}", name="Other")[0] == 409
    assert owner("POST", f"/rules/{rule['id']}/deactivate")[1]["active"] is False
    assert viewer("GET", "/batches")[1]["items"][0]["price"] == "4"
    assert sorted(Audit.objects.values_list("verb", flat=True)) == ["rule.activate", "rule.deactivate"]


def test_a_change_of_rules_asks_for_one_run_soon(organisation, owner, django_capture_on_commit_callbacks):
    rules = [RuleFactory(organisation=organisation, active=False) for _ in range(2)]

    with django_capture_on_commit_callbacks(execute=True):
        for rule in rules:
            owner("POST", f"/rules/{rule.pk}/activate")

    (run,) = Run.objects.all()
    assert (run.name, run.queue, run.not_before.second) == ("recompute_all_discounts", "discounts", 0)
    assert run.not_before - run.queued_at <= timedelta(minutes=1)


@pytest.mark.parametrize(
    "tiers", [[], [[3, 10], [7, 25]], [[7, 25], [3, 10]], [[31, 10]], [[7, 0]], [[7, 101]], [[7]], [[7, 10]] * 2]
)
def test_tiers_that_make_no_sense_are_refused(owner, tiers):
    assert owner("POST", "/rules", name="Odd", tiers=tiers)[0] == 422


def test_what_if_writes_nothing_and_could_not(organisation, product, owner):
    statements = []

    def noting(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    rule, batch = RuleFactory(organisation=organisation, active=False), BatchFactory(product=product, days=1)
    before = list(Batch.objects.values()), list(Rule.objects.values())
    with connection.execute_wrapper(noting):
        assert owner("POST", f"/rules/{rule.pk}/what-if")[0] == 200

    begun = statements.index("SET TRANSACTION READ ONLY")
    assert all(sql.startswith(("SELECT", "RELEASE SAVEPOINT")) for sql in statements[begun + 1 :])
    assert (list(Batch.objects.values()), list(Rule.objects.values())) == before
    assert (PricePoint.objects.count(), Discount.objects.count(), batch.price) == (0, 0, Decimal("4.00"))


def test_what_if_looks_back_at_what_was_left_over(organisation, product, owner):
    rule = RuleFactory(organisation=organisation, active=False, tiers=[[3, 25]])
    for days in (-1, -20, -40):
        BatchFactory(product=product, days=days, qty=2)
    BatchFactory(product=ProductFactory(organisation=organisation, cost=Decimal("4.00")), days=-2, qty=5)

    told = owner("POST", f"/rules/{rule.pk}/what-if?weeks=4")[1]["left_over"]

    assert (told["batches"], told["changed"], told["units"], told["margin_cost"]) == (3, 2, 4, "4")
