"""What goes in and out of the HTTP door."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from ninja import Field, Schema
from pydantic import AfterValidator, BeforeValidator, StringConstraints

from apps.pricing.enums import DateKind, Policy, Reason
from apps.pricing.models import FIRST_DAY, LAST_DAY
from apps.pricing.validation import validate_tiers
from core.answers import NextActionOut
from core.inputs import In, Moment, Number, Storable, Whole, Zone, checked

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _is_written(value: object) -> object:
    """A bare number would be read as seconds since 1970, which no schema of ours says."""
    if not (isinstance(value, str) and DAY.fullmatch(value)):
        raise ValueError("must be a date such as 2026-11-28")  # the one error answered with 422
    return value


def _days(value: date) -> None:
    if not FIRST_DAY <= value <= LAST_DAY:
        raise ValidationError(f"Give a date from {FIRST_DAY} to {LAST_DAY}.")


def _plain(amount: Decimal) -> Decimal:
    """Leave out the zeros of the column: 2.5, whatever the currency has of digits."""
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount.normalize()


Money = Annotated[Decimal, AfterValidator(_plain)]
# Said as patterns, so that the page of the API tells what is accepted.
Code = Annotated[str, StringConstraints(max_length=64, pattern="^[!-~]([ -~]*[!-~])?$")]
Name = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\s\x00][^\x00]*$")]
Amount = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=4, examples=["2.49"])]
AnyDay = Annotated[date, BeforeValidator(_is_written)]
Day = Annotated[AnyDay, checked(_days)]
Quantity = Annotated[int, Field(ge=0, le=2**31 - 1), Number]
Tier = Annotated[list[Whole], Field(min_length=2, max_length=2)]
Tiers = Annotated[
    list[Tier],
    checked(validate_tiers),
    Field(description="Days left and percent off, the most days first", examples=[[[7, 10], [3, 25], [1, 50]]]),
]
Cursor = Annotated[int, Field(description="`next_cursor` of the page before")]


class SettingsOut(Schema):
    currency: str | None = Field(description="Code of ISO 4217; null: not chosen yet", examples=["EUR"])


class SettingsIn(In):
    currency: Annotated[str, StringConstraints(min_length=3, max_length=3), Storable()] = Field(examples=["EUR"])


class ProductOut(Schema):
    id: int
    sku: str
    name: str
    list_price: Money
    floor_price: Money | None
    cost: Money | None
    date_kind: DateKind
    tz: str
    rounding: Money


class ProductIn(In):
    sku: Code
    name: Name
    list_price: Amount
    floor_price: Amount | None = Field(None, description="The least that is asked; null: its cost")
    cost: Amount | None = None
    date_kind: DateKind = DateKind.USE_BY
    tz: Zone = "UTC"
    rounding: Amount | None = Field(None, description="Discounted prices are multiples of it; null: the smallest coin")


class ProductPatch(ProductIn):
    sku: Code = ""
    name: Name = ""
    list_price: Amount = Decimal(1)
    rounding: Amount = Decimal(1)


class BatchOut(Schema):
    id: int
    product_id: int
    sku: str = Field(alias="product.sku")
    code: str
    received_on: date
    expires_on: date
    qty: int
    manual_price: Money | None
    manual_until: datetime | None
    currency: str = Field(alias="organisation.pricing.currency")
    list_price: Money = Field(alias="product.list_price")
    price: Money | None = Field(alias="priced.amount", description="Now; null: not for sale")
    percent: int = Field(alias="priced.percent", description="What the rule takes off")
    rule: int | None = Field(alias="priced.rule", description="The rule that gives the price")
    next_action: NextActionOut


class BatchPage(Schema):
    items: list[BatchOut]
    next_cursor: int | None = Field(description="Send it as `cursor` for the next page; null on the last one")


class BatchPatch(In):
    code: Code = ""
    received_on: Day = FIRST_DAY
    expires_on: Day = FIRST_DAY
    qty: Quantity = 0
    manual_price: Amount | None = Field(None, description="A person's own price, and a ceiling when it has ended")
    manual_until: Moment | None = Field(None, description="Until when it holds whatever the rules say; null: for good")


class BatchIn(In):
    product_id: Whole
    code: Code
    received_on: Day
    expires_on: Day
    qty: Quantity


class PricePointOut(Schema):
    at: datetime
    list_price: Money
    price: Money | None
    reason: Reason
    rule: str | None = Field(description="Its name")
    run_id: Any = Field(description="The run that wrote it down")

    @staticmethod
    def resolve_rule(row: Any) -> str | None:
        return row.rule and str(row.rule)


class Scope(In):
    skus: list[Code] = Field([], max_length=1000, description="One that ends in * stands for all that begin like it")
    date_kind: DateKind | None = None


class RuleOut(Schema):
    id: int
    name: str
    scope: dict[str, Any]
    tiers: list[list[int]]
    policy: Policy
    valid_from: datetime | None
    valid_to: datetime | None
    active: bool


class RuleIn(In):
    name: Name
    scope: Scope = Field(Scope(skus=[]), description="Which products; {}: all")
    tiers: Tiers
    policy: Policy = Policy.TIERS
    valid_from: Moment | None = None
    valid_to: Moment | None = Field(None, description="It takes no step after it; those taken stay")


class RulePatch(RuleIn):
    name: Name = ""
    tiers: Tiers = []


class PartOut(Schema):
    batches: int = Field(description="How many were looked at")
    changed: int = Field(description="How many of them would have, or would have had, another price")
    units: int = Field(description="What is on the shelf of those")
    margin_cost: Money = Field(description="How much less those units would bring")
    largest_percent: int
    complete: bool = Field(description="false: only the first so many were looked at, for lack of time or room")


class WhatIfOut(Schema):
    at: datetime
    weeks: int
    shelf: PartOut = Field(description="What is on the shelves now")
    left_over: PartOut = Field(
        description="Stock whose date has come in these weeks and is still there. `changed` would have been cheaper"
        " while it could be sold: the most that the rule could have saved"
    )
