"""Currencies and their smallest coins, as ISO 4217 has them."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from iso4217 import Currency


def minor_unit(currency: str) -> Decimal:
    """Return the smallest amount that there is of the currency: 1 (JPY), 0.01 (EUR), 0.001 (KWD)."""
    return Decimal(1).scaleb(-(Currency(currency).exponent or 0))


def validate_currency(code: str) -> None:
    """Accept what people pay with: gold, a unit of account or a test code has no smallest coin."""
    try:
        payable = Currency(code).exponent is not None
    except ValueError:
        payable = False
    if not payable:
        raise ValidationError(f"{code!r} is no currency to pay with: use a code of ISO 4217, such as EUR.")


def is_amount(amount: Decimal, unit: Decimal) -> bool:
    """Tell whether the amount is a multiple of the unit."""
    return amount % unit == 0
