"""What no read would survive does not get into the tables, whoever writes; what does is stopped at its own batch."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apps.pricing import services
from apps.pricing.models import Batch, PricePoint, PricingSettings, Product, Rule
from apps.pricing.price import tariff_of
from apps.pricing.tests.factories import BatchFactory, ProductFactory, RuleFactory, SettingsFactory, clock
from apps.pricing.validation import validate_scope, validate_tiers
from core.organisations.enums import Role
from core.organisations.tests.calling import api_for
from core.organisations.tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 120) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=6,
)
PAIRS = st.lists(st.tuples(st.integers(-1, 32), st.integers(-1, 102)).map(list), max_size=22)
NEARLY_TIERS = PAIRS.map(lambda pairs: sorted(pairs, key=lambda pair: (-pair[0], pair[1])))
GROWING_TIERS = st.lists(st.integers(0, 30), min_size=1, max_size=21, unique=True).map(
    lambda days: [[day, 1 + 4 * place] for place, day in enumerate(sorted(days, reverse=True))]
)
SKUS = st.lists(st.text() | st.sampled_from(["MILK-1L", "", "*"]) | JSON, max_size=3)
NEARLY_SCOPES = st.fixed_dictionaries(
    {},
    optional={"skus": SKUS | JSON, "date_kind": st.sampled_from(["use_by", "best_before", "by", None, []]), "": JSON},
)


def python_accepts(validate, value) -> bool:
    try:
        validate(value)
    except ValidationError:
        return False
    return True


def database_accepts(function: str, value) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s::jsonb)", [json.dumps(value)])
            accepts: bool = cursor.fetchone()[0]
            return accepts
    except DatabaseError:  # no jsonb at all: half a surrogate, NUL
        return False


@settings(deadline=None, max_examples=400)
@given(GROWING_TIERS | NEARLY_TIERS | PAIRS | JSON)
@example([[30, 100], [0, 100]])
@example([[7.0, 10]])
@example([["7", 10]])
@example([[True, 10]])
@example([[7, 10], [3, 25, 1]])
@example([[10**400, 10]])
def test_tiers_are_the_same_to_python_and_to_the_database(tiers):
    sensible = python_accepts(validate_tiers, tiers)

    assert database_accepts("pricing_tiers_make_sense", tiers) is sensible
    if sensible:
        assert tariff_of((1, "rule", "daily", tiers, {}, None, None)).steps


@settings(deadline=None, max_examples=400)
@given(NEARLY_SCOPES | JSON)
@example({"skus": [["MILK"]]})
@example({"skus": None})
@example({"skus": {"MILK": 1}})
@example({"skus": ["\x00"]})
@example({"skus": ["\ud800"]})
@example({"date_kind": None})
def test_scopes_are_the_same_to_python_and_to_the_database(scope):
    sensible = python_accepts(validate_scope, scope)

    assert database_accepts("pricing_scope_makes_sense", scope) is sensible
    assert database_accepts("pricing_scopes_make_sense", [{}, scope]) is sensible


@pytest.mark.parametrize(
    ("model", "column", "value", "refused_by"),
    [
        (Rule, "tiers", '["soon"]', "tiers_make_sense"),
        (Rule, "tiers", "[[3, 10], [7, 25]]", "tiers_make_sense"),
        (Rule, "scope", '{"sku": ["MILK"]}', "scope_makes_sense"),
        (Rule, "stale_scopes", "5", "stale_scopes_make_sense"),
        (Rule, "policy", "by feel", "policy_is_known"),
        (Rule, "valid_from", "-infinity", "rule_times_are_of_the_calendar"),
        (Rule, "valid_to", "10000-01-01", "rule_times_are_of_the_calendar"),
        (Product, "list_price", "NaN", "product_amounts_are_numbers"),
        (Product, "rounding", "NaN", "product_amounts_are_numbers"),
        (Product, "cost", "NaN", "product_amounts_are_numbers"),
        (Product, "date_kind", "sell_by", "date_kind_is_known"),
        (Product, "tz", "Mars/Olympus", "There is no time zone 'Mars/Olympus'"),
        (Product, "tz", "europe/london", "There is no time zone 'europe/london'"),
        (Product, "tz", "EST5EDT4", "There is no time zone 'EST5EDT4'"),
        (Batch, "manual_price", "NaN", "batch_amounts_are_numbers"),
        (Batch, "manual_until", "infinity", "batch_times_are_of_the_calendar"),
        (Batch, "reprice_at", "infinity", "batch_times_are_of_the_calendar"),
        (Batch, "expires_on", "9999-01-01", "dates_of_this_age"),
        (PricePoint, "price", "NaN", "price_point_amounts_are_numbers"),
        (PricePoint, "at", "infinity", "price_point_times_are_of_the_calendar"),
        (PricePoint, "reason", "whim", "reason_is_known"),
        (PricingSettings, "currency", "eur", "currency_is_a_code"),
    ],
)
def test_sql_does_not_get_it_into_the_table(organisation, model, column, value, refused_by):
    RuleFactory(organisation=organisation)
    batch = BatchFactory(product__organisation=organisation)
    PricePoint.objects.create(batch=batch, at="2026-01-01T00:00Z", list_price=1, reason="change")

    with pytest.raises(IntegrityError, match=refused_by), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {model._meta.db_table} SET {column} = %s", [value])  # noqa: S608  # of constants


def test_product_needs_a_currency_that_stays():
    organisation = OrganisationFactory()
    check = "SET CONSTRAINTS products_have_a_currency IMMEDIATE"

    with pytest.raises(IntegrityError, match="products_have_a_currency"), transaction.atomic():
        Product.objects.create(organisation=organisation, sku="MILK", name="Milk", list_price=1, rounding=1)
        connection.cursor().execute(check)
    row = SettingsFactory(organisation=organisation)
    ProductFactory(organisation=organisation)
    with pytest.raises(IntegrityError, match="products_have_a_currency"), transaction.atomic():
        row.delete()
        connection.cursor().execute(check)


def test_zones_that_there_are_go_through_in_one_statement(organisation):
    products = [ProductFactory.build(organisation=organisation, tz=zone) for zone in ("Asia/Kathmandu", "Etc/GMT+5")]

    assert len(Product.objects.bulk_create(products)) == 2


@pytest.fixture
def unpriceable(organisation) -> Batch:
    """A batch of a zone that only PostgreSQL has, for instance since its server was upgraded."""
    batch = BatchFactory(product__organisation=organisation, days=1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE pricing_product SET tz = 'Europe/Atlantis' WHERE id = %s", [batch.product_id])
        cursor.execute("SET LOCAL session_replication_role = origin")
    return batch


def test_batch_whose_price_cannot_be_computed_hides_no_other(organisation, unpriceable):
    RuleFactory(organisation=organisation)
    BatchFactory(product__organisation=organisation, days=1)

    status, page = api_for(organisation, Role.VIEWER)("GET", "/batches")

    assert (status, [batch["price"] for batch in page["items"]]) == (200, ["2", None])
    assert page["items"][1]["next_action"]["why"] == (
        "Its price cannot be computed here, so it is not for sale: is Europe/Atlantis a time zone?"
    )


def test_batch_whose_price_cannot_be_computed_stops_no_chore(organisation, unpriceable):
    RuleFactory(organisation=organisation)
    rule = RuleFactory(organisation=organisation, tiers=[[1, 60]], active=False)
    BatchFactory(product__organisation=organisation, days=1)
    services.due_times_refresh()

    assert services.what_if(rule=rule, weeks=4).shelf.changed == 1
    assert services.prices_snapshot() == 1
    assert services.batches_reprice(now=clock()) == services.Outcome(2, 1, 1)


def test_currency_that_nobody_pays_with_is_a_sentence(organisation):
    PricingSettings.objects.update(currency="QQQ")

    answer = api_for(organisation, Role.OWNER)("POST", "/products", sku="A", name="A", list_price="1")

    assert answer == (409, {"detail": "'QQQ' is no currency to pay with: use a code of ISO 4217, such as EUR."})
