"""Choose the currency; make and edit products and batches."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from psycopg.errors import UniqueViolation

from apps.pricing.models import Batch, PricingSettings, Product
from apps.pricing.money import is_amount, minor_unit, validate_currency
from apps.pricing.services.asking import recompute_soon
from core.audit.services import Operator, audit_write
from core.errors import NotFoundError, RefusedError
from core.organisations.models import Organisation

Row = TypeVar("Row", bound=models.Model)

AMOUNTS = ("list_price", "floor_price", "cost", "rounding")


@contextmanager
def refusing(sentence: str) -> Iterator[None]:
    """Say the sentence where there is such a row already, and the database's where a trigger refuses."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        is_taken = isinstance(error.__cause__, UniqueViolation)
        raise RefusedError(sentence if is_taken else str(error).partition("\n")[0]) from None


def locked(row: Row) -> Row:
    """Lock the row and read what it is by now, so that an edit keeps what others have written meanwhile."""
    found: Row | None = type(row)._default_manager.select_for_update(no_key=True).filter(pk=row.pk).first()
    if found is None:
        raise NotFoundError(f"{row} is gone: somebody deleted it.")
    return found


@transaction.atomic
def currency_set(*, organisation: Organisation, currency: str, operator: Operator) -> PricingSettings:
    """Choose the currency of every price, once: amounts mean something else in another one."""
    _unit_of(currency)
    row = PricingSettings.objects.filter(organisation=organisation).select_for_update().first()
    if row and row.currency == currency:
        return row
    if row and Product.objects.filter(organisation=organisation).exists():
        raise RefusedError(f"Your products are priced in {row.currency}: it cannot be changed under them.")
    row, _ = PricingSettings.objects.update_or_create(organisation=organisation, defaults={"currency": currency})
    audit_write(operator=operator, verb="pricing.currency", subject=row, currency=currency)
    return row


def product_create(*, organisation: Organisation, **fields: Any) -> Product:
    unit = smallest_coin(organisation)
    product = Product(organisation=organisation, **fields | {"rounding": fields.get("rounding") or unit})
    return _product_write(product, unit)


@transaction.atomic
def product_edit(*, product: Product, **fields: Any) -> Product:
    product = locked(product)
    for name, value in fields.items():
        setattr(product, name, value)
    _product_write(product, smallest_coin(product.organisation))
    recompute_soon()
    return product


def smallest_coin(organisation: Organisation) -> Decimal:
    """Return the least amount of its currency; RefusedError where none is chosen."""
    row = PricingSettings.objects.filter(organisation=organisation).first()
    if row is None:
        raise RefusedError("Choose the currency of your prices first, in the settings.")
    return _unit_of(row.currency)


def _unit_of(currency: str) -> Decimal:
    try:
        validate_currency(currency)
    except ValidationError as error:
        raise RefusedError(error.message) from None
    return minor_unit(currency)


def _product_write(product: Product, unit: Decimal) -> Product:
    for sentence in product_faults(product, unit):
        raise RefusedError(sentence)
    with refusing(f"There is already a product {product.sku!r}: choose another SKU."):
        product.save()
    return product


def product_faults(product: Product, unit: Decimal) -> Iterator[str]:
    """Yield what is wrong with its amounts together."""
    for name in AMOUNTS:
        amount = getattr(product, name)
        if amount is not None and not is_amount(amount, unit):
            yield f"{name} is {amount}, which is no multiple of the currency's smallest coin, {unit}."
    if product.list_price <= 0 or product.rounding <= 0:
        yield "list_price and rounding are more than 0."
    if product.floor_price is not None and product.floor_price > product.list_price:
        yield f"floor_price {product.floor_price} is above list_price {product.list_price}."


def batch_create(*, product: Product, **fields: Any) -> Batch:
    return _batch_write(Batch(organisation=product.organisation, product=product, **fields))


@transaction.atomic
def batch_edit(*, batch: Batch, **fields: Any) -> Batch:
    batch = locked(batch)
    for name, value in fields.items():
        setattr(batch, name, value)
    return _batch_write(batch)


def _batch_write(batch: Batch) -> Batch:
    if batch.manual_price is not None and not is_amount(batch.manual_price, unit := smallest_coin(batch.organisation)):
        raise RefusedError(f"manual_price is no multiple of the currency's smallest coin, {unit}.")
    with refusing(f"There is already a batch {batch.code!r} of {batch.product.sku}: choose another code."):
        batch.save()
    return batch
