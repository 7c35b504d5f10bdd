"""What a batch costs at a time: one pure function of the batch, the rules and the time, for everybody who asks.

The rules give a batch a discount that grows in steps, from midnight to midnight of its product's zone. Of several rules
the one that gives most wins. A step that was taken stays (also when its rule's time is over), so a price never rises by
itself. A person's own price holds until its end, and is the most that is asked after it.
"""

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from apps.pricing.enums import DateKind, Policy, Reason

Steps = tuple[tuple[int, int], ...]
ALWAYS = datetime.min.replace(tzinfo=UTC)
WHOLE = Decimal(1)


class Item(NamedTuple):
    """All that the price of a batch depends on, beside the rules and the time."""

    list_price: Decimal
    floor_price: Decimal | None
    cost: Decimal | None
    rounding: Decimal
    date_kind: str
    tz: str
    sku: str
    received_on: date
    expires_on: date
    manual_price: Decimal | None = None
    manual_until: datetime | None = None

    @property
    def floor(self) -> Decimal:
        """Return the least that is asked: without a floor of its own nothing is sold below its cost."""
        least = self.cost if self.floor_price is None else self.floor_price
        return min(self.list_price, least or Decimal(0))


class Tariff(NamedTuple):
    """A rule as plain data. `steps`: from so many days before the batch's date, so many percent off."""

    id: int
    name: str
    steps: Steps
    skus: tuple[str, ...] = ()
    date_kind: str | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def covers(self, sku: str, date_kind: str) -> bool:
        """Tell whether the rule is for such a product. A SKU that ends in * stands for all that begin like it."""
        if self.date_kind not in (None, date_kind):
            return False
        return not self.skus or any(
            sku.startswith(each[:-1]) if each.endswith("*") else sku == each for each in self.skus
        )


class Price(NamedTuple):
    """What is asked from `at` on; None: not for sale. `rule` is None for a list price and for a person's own."""

    at: datetime
    amount: Decimal | None
    percent: int = 0
    rule: int | None = None
    rule_name: str = ""
    reason: Reason = Reason.CHANGE


class Step(NamedTuple):
    at: datetime
    percent: int
    rule: int | None = None
    rule_name: str = ""


def price_at(item: Item, tariffs: tuple[Tariff, ...], t: datetime) -> Price:
    """Return what the batch costs at the time `t`, by these rules."""
    return price_and_next(item, tariffs, t)[0]


def next_change(item: Item, tariffs: tuple[Tariff, ...], t: datetime) -> datetime | None:
    """Return the first instant after `t` at which the price is another one; None: it stays for ever."""
    following = price_and_next(item, tariffs, t)[1]
    return following and following.at


def price_and_next(item: Item, tariffs: tuple[Tariff, ...], t: datetime) -> tuple[Price, Price | None]:
    prices = timeline(item, tariffs)
    place = bisect_right(prices, t, key=_at)
    return prices[place - 1], prices[place] if place < len(prices) else None


def timeline(item: Item, tariffs: tuple[Tariff, ...]) -> tuple[Price, ...]:
    """Return every price that the batch will have by these rules, each from when on, oldest first."""
    covering = tuple(tariff for tariff in tariffs if tariff.covers(item.sku, item.date_kind))
    # The SKU has had its say: products that cost alike share what follows.
    return _covered(item._replace(sku=""), covering)


# Batches that came together are priced alike, and stand together. An entry takes about 2 kB.
@lru_cache(maxsize=512)
def _covered(item: Item, tariffs: tuple[Tariff, ...]) -> tuple[Price, ...]:
    prices: list[Price] = []
    for price in _prices(item, _steps(tariffs, item.tz, item.received_on, item.expires_on)):
        if not prices or price.amount != prices[-1].amount:
            prices.append(price)
        if price.amount is None:
            break
    return tuple(prices)


def tariffs_of(text: str | None) -> tuple[Tariff, ...]:
    """Read the active rules of an organisation as the SQL function pricing_rules writes them."""
    return _parsed(text) if text else ()


@lru_cache(maxsize=256)
def _parsed(text: str) -> tuple[Tariff, ...]:
    return tuple(tariff_of(row) for row in json.loads(text))


def tariff_of(columns: Sequence[Any]) -> Tariff:
    """Make plain data of a rule's id, name, policy, tiers, scope, valid_from and valid_to; times may be ISO texts."""
    rule_id, name, policy, tiers, scope, start, end = columns
    steps = POLICIES[policy](tuple((days, off) for days, off in tiers))
    skus = tuple(scope.get("skus", ()))
    return Tariff(rule_id, name, steps, skus, scope.get("date_kind"), _time(start), _time(end))


def _time(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _daily(tiers: Steps) -> Steps:
    """Go from tier to tier in a straight line, a step each day."""
    steps = dict(tiers)
    for (days, off), (later, more) in pairwise(tiers):
        for day in range(later + 1, days):
            steps[day] = off + (more - off) * (days - day) // (days - later)
    return tuple(sorted(steps.items(), reverse=True))


# By name, from this table alone: a path to a function, typed into a row, would be code that whoever writes rows runs.
POLICIES: dict[str, Callable[[Steps], Steps]] = {Policy.TIERS: lambda tiers: tiers, Policy.DAILY: _daily}


def _prices(item: Item, steps: tuple[Step, ...]) -> Iterator[Price]:
    """Yield the price at every instant at which it could change."""
    until = item.manual_until
    instants = sorted({step.at for step in steps} | ({until} if until and item.manual_price is not None else set()))
    end = day_start(item.expires_on + timedelta(days=1), item.tz) if item.date_kind == DateKind.USE_BY else None
    for at in (ALWAYS, *instants):
        if end and at >= end:
            break
        yield _price(item, steps[bisect_right(steps, at, key=_at) - 1], at)
    if end:
        yield Price(end, None)


def _price(item: Item, step: Step, at: datetime) -> Price:
    amount = _rounded(item, item.list_price * (100 - step.percent) / 100) if step.percent else item.list_price
    manual = item.manual_price
    if manual is not None:
        manual = min(max(manual, item.floor), item.list_price)
        if manual < amount or item.manual_until is None or at < item.manual_until:
            off = int(100 - 100 * manual / item.list_price)
            return Price(at, manual, off, reason=Reason.MANUAL)
    return Price(at, amount, step.percent, step.rule, step.rule_name)


def _rounded(item: Item, amount: Decimal) -> Decimal:
    """Round to the product's step, half of it upwards, and stay between the floor and the list price."""
    amount = (amount / item.rounding).quantize(WHOLE, ROUND_HALF_UP) * item.rounding
    return min(max(amount, item.floor), item.list_price)


@lru_cache(maxsize=1024)
def _steps(tariffs: tuple[Tariff, ...], tz: str, received_on: date, expires_on: date) -> tuple[Step, ...]:
    """Return when the discount grows, from none: the largest of the rules wins, at a tie the older rule."""
    found = [step for tariff in tariffs for step in _of(tariff, tz, received_on, expires_on)]
    growing = [Step(ALWAYS, 0)]
    for step in sorted(found, key=lambda step: (step.at, -step.percent, step.rule)):
        if step.percent > growing[-1].percent:
            growing.append(step)
    return tuple(growing)


def _of(tariff: Tariff, tz: str, received_on: date, expires_on: date) -> Iterator[Step]:
    """Yield the rule's steps. It takes none when its time is over, and gives nothing to what came after it."""
    if tariff.valid_to and tariff.valid_to <= day_start(received_on, tz):
        return
    for days, percent in tariff.steps:
        at = max(day_start(expires_on - timedelta(days=days), tz), tariff.valid_from or ALWAYS)
        if tariff.valid_to is None or at < tariff.valid_to:
            yield Step(at, percent, tariff.id, tariff.name)


def day_start(day: date, tz: str) -> datetime:
    """Return the instant at which the local day begins, also where the clocks change at midnight."""
    return datetime.combine(day, time.min, ZoneInfo(tz)).astimezone(UTC)


def _at(price: Price | Step) -> datetime:
    return price.at
