"""The API: prices as of now for who asks, and what an owner, an agent and a viewer may do."""

from decimal import Decimal

import pytest
from django.db import connection

from apps.pricing import selectors, services
from apps.pricing.enums import RECOMPUTE_SCHEDULE
from apps.pricing.jobs import JOBS
from apps.pricing.models import Batch, Product, Rule
from apps.pricing.price import day_start, price_at
from apps.pricing.tests.factories import BatchFactory, ProductFactory, RuleFactory, clock, day
from core.audit.services import Operator
from core.clock import database_now
from core.errors import NotFoundError, RefusedError
from core.organisations.enums import Role
from core.organisations.tests.calling import api_for
from core.organisations.tests.factories import OrganisationFactory
from core.schedules.foresight import schedule_slots
from core.schedules.services import schedules_sync

pytestmark = pytest.mark.django_db


def test_an_organisation_begins_with_its_currency():
    call = api_for(OrganisationFactory(), Role.OWNER)
    milk = {"sku": "MILK-1L", "name": "Milk", "list_price": "400"}

    assert call("GET", "/pricing/settings") == (200, {"currency": None})
    assert call("POST", "/products", **milk) == (
        409,
        {"detail": "Choose the currency of your prices first, in the settings."},
    )
    for wrong in ("XAU", "QQQ"):
        assert call("PUT", "/pricing/settings", currency=wrong)[0] == 409
    assert call("PUT", "/pricing/settings", currency="JPY") == (200, {"currency": "JPY"})

    status, made = call("POST", "/products", **milk)
    assert (status, made["list_price"], made["rounding"], made["date_kind"]) == (201, "400", "1", "use_by")
    assert call("PUT", "/pricing/settings", currency="EUR")[0] == 409
    assert call("PUT", "/pricing/settings", currency="JPY")[0] == 200


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"list_price": "1.001"},
            "list_price is 1.001, which is no multiple of the currency's smallest coin, 0.01.",
        ),
        ({"list_price": "0"}, "list_price and rounding are more than 0."),
        ({"floor_price": "9"}, "floor_price 9 is above list_price 4.00."),
        ({"sku": "TAKEN"}, "There is already a product 'TAKEN': choose another SKU."),
    ],
)
def test_a_product_that_makes_no_sense_is_refused(organisation, owner, fields, sentence):
    ProductFactory(organisation=organisation, sku="TAKEN")

    answer = owner("POST", "/products", **{"sku": "NEW", "name": "New", "list_price": "4.00"} | fields)

    assert answer == (409, {"detail": sentence})


def test_a_batch_tells_its_price_now_and_what_comes_next(organisation, product, viewer):
    schedules_sync(specs=JOBS, now=database_now())
    rule, batch = RuleFactory(organisation=organisation, name="Last week"), BatchFactory(product=product, days=3)

    status, told = viewer("GET", f"/batches/{batch.pk}")

    expected = {"price": "3", "list_price": "4", "percent": 25, "rule": rule.pk, "currency": "EUR"}
    assert (status, {name: told[name] for name in expected}) == (200, expected)
    at = day_start(day(2), "UTC")
    assert (
        told["next_action"]
        == viewer("GET", f"/batches/{batch.pk}/why")[1]
        == {
            "what": "reprice",
            "at": at.isoformat().replace("+00:00", "Z"),
            "why": f"Last week takes 50 % off from then on (UTC, its date is {day(3)}).",
            "by_schedule": "recompute-all-discounts",
        }
    )


@pytest.mark.parametrize(
    ("fields", "what", "why"),
    [
        ({"days": 0}, "withdraw", "Its use-by date is {date}: it is not for sale after that day in UTC."),
        ({"days": -1}, "none", "Its use-by date {date} is over: it stays off sale."),
        ({"days": 3, "qty": 0}, "none", "None is left on the shelf."),
        ({"days": 0, "product__date_kind": "best_before"}, "none", "No rule takes a further step: its price stays."),
    ],
)
def test_why_says_also_why_nothing_happens(organisation, viewer, fields, what, why):
    RuleFactory(organisation=organisation)
    batch = BatchFactory(product__organisation=organisation, **fields)

    told = viewer("GET", f"/batches/{batch.pk}/why")[1]

    assert (told["what"], told["why"]) == (what, why.format(date=batch.expires_on))
    assert told["by_schedule"] is None


def test_a_page_of_100_batches_with_their_prices_is_one_query(organisation, django_assert_num_queries):
    RuleFactory(organisation=organisation)
    for number in range(4):
        product = ProductFactory(organisation=organisation)
        for days in range(30):
            BatchFactory(product=product, days=days, code=f"{number} {days}")
    now = database_now()

    with django_assert_num_queries(1):
        page = list(selectors.batch_list(organisation=organisation)[:100])
        prices = {price_at(batch.item, batch.tariffs, now).amount for batch in page}
        assert {batch.organisation.pricing.currency for batch in page} == {"EUR"}

    assert prices == {Decimal("4.00"), Decimal("3.60"), Decimal("3.00"), Decimal("2.00")}


def test_a_page_is_read_from_the_index_of_the_organisations_batches(organisation, product):
    BatchFactory(product=product)

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        plan = selectors.batch_list(organisation=organisation).order_by("-pk")[:100].explain()

    assert "Index Scan Backward using batch_organisation" in plan


def test_batches_are_listed_page_by_page(organisation, product, viewer):
    batches = [BatchFactory(product=product, days=days) for days in (5, 10, 15)]

    status, first = viewer("GET", "/batches?limit=2")
    rest = viewer("GET", f"/batches?limit=2&cursor={first['next_cursor']}")[1]

    assert (status, [each["id"] for each in first["items"]]) == (200, [batches[2].pk, batches[1].pk])
    assert ([each["id"] for each in rest["items"]], rest["next_cursor"]) == ([batches[0].pk], None)


def test_a_persons_price_holds_and_goes_on_record_as_such(product, agent):
    batch = BatchFactory(product=product, days=20)

    status, told = agent("PATCH", f"/batches/{batch.pk}", manual_price="2.50")
    assert (status, told["price"], told["rule"]) == (200, "2.5", None)
    services.batches_reprice(now=clock())

    (point,) = agent("GET", f"/batches/{batch.pk}/history")[1]
    assert (point["reason"], point["price"], point["rule"]) == ("manual", "2.5", None)


def test_roles(organisation, product, agent, viewer):
    batch, rule = BatchFactory(product=product), RuleFactory(organisation=organisation)

    assert viewer("PATCH", f"/batches/{batch.pk}", qty=1)[0] == 403
    assert agent("PATCH", f"/batches/{batch.pk}", qty=1)[0] == 200
    assert agent("PATCH", f"/products/{product.pk}", name="Cream")[0] == 403
    assert agent("POST", f"/rules/{rule.pk}/deactivate")[0] == 403
    assert viewer("POST", f"/rules/{rule.pk}/what-if")[0] == 200


def test_what_is_of_others_is_not_there(owner):
    batch, rule = BatchFactory(), RuleFactory()

    paths = [f"/batches/{batch.pk}", f"/batches/{batch.pk}/why", f"/products/{batch.product_id}", f"/rules/{rule.pk}"]
    assert [owner("GET", path)[0] for path in paths] == [404] * 4
    asked = {"product_id": batch.product_id, "code": "X", "received_on": "2026-01-01", "expires_on": "2026-02-01"}
    assert owner("POST", "/batches", **asked, qty=1)[0] == 404
    assert owner("GET", "/batches")[1]["items"] == []


def test_preview_takes_what_is_due_at_the_next_run_itself(product, viewer):
    schedules_sync(specs=JOBS, now=database_now())
    at = schedule_slots(RECOMPUTE_SCHEDULE).next(database_now())
    RuleFactory(organisation=product.organisation, tiers=[[30, 25]], valid_from=at)
    BatchFactory(product=product)
    services.batches_reprice(now=clock())

    status, preview = viewer("GET", "/batches/preview")

    assert (status, preview["count"]) == (200, 1)
    assert preview["rows"][0]["what"].startswith("Reprice from 4 to 3:")


def test_who_edits_keeps_what_another_wrote_meanwhile(organisation, product):
    batch, rule = BatchFactory(product=product, qty=10), RuleFactory(organisation=organisation, active=False)

    services.product_edit(product=Product.objects.get(), name="Oat milk")
    services.product_edit(product=product, list_price=Decimal("4.50"))
    services.batch_edit(batch=Batch.objects.get(), qty=7)
    services.batch_edit(batch=batch, manual_price=Decimal("2.00"))
    services.rule_switch(rule=Rule.objects.get(), active=True, operator=Operator("rita"))
    with pytest.raises(RefusedError, match="is active: deactivate it first"):
        services.rule_edit(rule=rule, name="Other")

    assert Product.objects.values_list("name", "list_price").get() == ("Oat milk", Decimal("4.50"))
    assert Batch.objects.values_list("qty", "manual_price").get() == (7, Decimal("2.00"))
    assert Rule.objects.get().active


def test_what_was_deleted_meanwhile_is_gone_and_not_an_error(product):
    Product.objects.all().delete()

    with pytest.raises(NotFoundError, match="is gone"):
        services.product_edit(product=product, name="Oat milk")
