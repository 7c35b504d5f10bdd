"""The pages of batches: what they cost and why."""

import pytest
from django.test import Client

from apps.pricing import services
from apps.pricing.models import Batch, PricePoint, Product
from apps.pricing.tests.factories import BatchFactory, ProductFactory, RuleFactory, clock
from apps.pricing.tests.pages import adding, batch_form, faults, listing, page
from core.organisations.models import Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def product(organisation: Organisation) -> Product:
    return ProductFactory(organisation=organisation, sku="MILK-1L")


def test_list_of_batches_shows_what_each_costs_now_and_why_it_changes(
    admin: Client, product: Product, schedule
) -> None:
    RuleFactory(organisation=product.organisation, name="Last week")
    BatchFactory(product=product, code="L7", days=3)
    BatchFactory(product=product, code="OVER", days=-1)

    shown = admin.get(listing("batch")).content.decode()

    assert all(said in shown for said in ("MILK-1L L7", "3 EUR", "Last week takes 50 % off from then on"))
    assert all(said in shown for said in ("not for sale", "is over: it stays off sale."))


@pytest.mark.parametrize(("question", "codes"), [("", {"A", "B"}), ("?shelf=yes", {"A"}), ("?shelf=no", {"B"})])
def test_list_of_batches_filters_by_what_is_left(admin: Client, product: Product, question, codes) -> None:
    BatchFactory(product=product, code="A")
    BatchFactory(product=product, code="B", qty=0)

    assert {row.code for row in admin.get(listing("batch") + question).context["cl"].result_list} == codes


def test_list_of_batches_costs_the_same_queries_for_few_and_many(
    admin: Client, organisation: Organisation, django_assert_max_num_queries
) -> None:
    for _ in range(8):
        RuleFactory(organisation=organisation)
        BatchFactory(product__organisation=organisation, days=3)

    with django_assert_max_num_queries(12):
        admin.get(listing("batch"))


def test_page_of_a_batch_shows_its_history_in_a_few_queries(
    admin: Client, product: Product, django_assert_max_num_queries
) -> None:
    batch, rules = BatchFactory(product=product, days=3), [RuleFactory(name=f"Rule no. {n}") for n in range(8)]
    for n, rule in enumerate(rules):
        at = f"2026-01-0{n + 1}T00:00Z"
        PricePoint.objects.create(batch=batch, at=at, list_price=4, price=3, reason="change", rule=rule)

    with django_assert_max_num_queries(15):
        shown = admin.get(page(batch)).content.decode()

    assert all(rule.name in shown for rule in rules)


def test_new_batch_is_asked_only_what_a_person_knows(admin: Client, product: Product) -> None:
    (fieldset,) = admin.get(adding("batch")).context["adminform"].fieldsets
    assert fieldset[1]["fields"] == [
        "product", "code", "received_on", "expires_on", "qty", "manual_price", "manual_until",
    ]  # fmt: skip

    shape = BatchFactory.build(product=product, code="L7", expires_on="2026-12-24", received_on="2026-11-20")
    admin.post(adding("batch"), batch_form(shape))

    made = Batch.objects.get(code="L7")
    assert (made.organisation, made.price) == (product.organisation, product.list_price)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"manual_price": "2.505"}, {"manual_price": ["The smallest coin is 0.01: give a multiple of it."]}),
        ({"manual_price": "-1"}, {"manual_price": ["Ensure this value is greater than or equal to 0."]}),
        ({"expires_on": "3026-01-01"}, {"__all__": ["A date lies between 1970-01-01 and 2999-12-31."]}),
        ({"code": "TAKEN"}, {"__all__": ["Batch with this Product and Code already exists."]}),
    ],
)
def test_batch_that_makes_no_sense_is_refused_in_a_sentence(admin: Client, product: Product, changes, fault) -> None:
    batch, _ = BatchFactory(product=product), BatchFactory(product=product, code="TAKEN")

    assert faults(admin.post(page(batch), batch_form(batch, **changes))) == fault


def test_persons_price_holds_at_once_and_goes_on_record_as_such(admin: Client, product: Product) -> None:
    RuleFactory(organisation=product.organisation)
    batch = BatchFactory(product=product, days=3)

    admin.post(page(batch), batch_form(batch, manual_price="2.50"))
    shown = admin.get(page(batch)).content.decode()
    services.due_times_refresh()
    services.batches_reprice(now=clock())

    assert "2.5 EUR" in shown
    assert list(PricePoint.objects.values_list("reason", "price", "rule")) == [("manual", 2.5, None)]


def test_batch_keeps_its_product(admin: Client, product: Product) -> None:
    batch, other = BatchFactory(product=product), ProductFactory()

    admin.post(page(batch), batch_form(batch, qty=3) | {"product": other.pk})

    batch.refresh_from_db()
    assert (batch.qty, batch.product) == (3, product)
