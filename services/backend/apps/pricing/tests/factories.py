"""Products, batches and rules for tests."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import factory
from django.db import connection
from factory.django import DjangoModelFactory

from apps.pricing.enums import DateKind
from apps.pricing.models import Batch, PricingSettings, Product, Rule
from core.clock import database_now
from core.organisations.tests.factories import OrganisationFactory

TIERS = [[7, 10], [3, 25], [1, 50]]


def clock() -> datetime:
    """Return the time, which goes on in a transaction, too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def day(offset: int = 0) -> date:
    """Return the UTC date so many days from now."""
    return database_now().date() + timedelta(days=offset)


class SettingsFactory(DjangoModelFactory[PricingSettings]):
    class Meta:
        model = PricingSettings
        django_get_or_create = ("organisation",)

    organisation = factory.SubFactory(OrganisationFactory)
    currency = "EUR"


class ProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product

    class Params:
        currency = "EUR"

    organisation = factory.LazyAttribute(lambda made: SettingsFactory(currency=made.currency).organisation)
    sku = factory.Sequence(lambda n: f"SKU-{n}")
    name = "Milk, 1 l"
    list_price = Decimal("4.00")
    date_kind = DateKind.USE_BY
    rounding = Decimal("0.01")


class BatchFactory(DjangoModelFactory[Batch]):
    """A batch that came ten days before its date and has so many `days` left in UTC; its price is the list price."""

    class Meta:
        model = Batch

    class Params:
        days = 20

    product = factory.SubFactory(ProductFactory)
    code = factory.Sequence(lambda n: f"L{n}")
    expires_on = factory.LazyAttribute(lambda made: day(made.days))
    received_on = factory.LazyAttribute(lambda made: made.expires_on - timedelta(days=40))
    qty = 10

    @classmethod
    def _create(cls, model_class: type[Batch], *args: Any, **kwargs: Any) -> Batch:
        # Read again: the database's trigger has written the due time.
        return Batch.objects.priceable().get(pk=super()._create(model_class, *args, **kwargs).pk)


class RuleFactory(DjangoModelFactory[Rule]):
    class Meta:
        model = Rule

    organisation = factory.LazyFunction(lambda: SettingsFactory().organisation)
    name = factory.Sequence(lambda n: f"Rule {n}")
    tiers = TIERS
    active = True
