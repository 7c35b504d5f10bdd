"""What a rule would do, asked before it is switched on: to what stands on the shelves, and to what was left over.

The price function answers, with the rule beside those that are active. Nothing is written: the transaction is
read-only. There are no sales figures here, so what would have sold is not guessed: of what was left over it says what
the rule would have offered for less while it could still be sold, which is the most that it could have saved.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction

from apps.pricing.enums import WINDOW_DAYS
from apps.pricing.foresight import UNREADABLE
from apps.pricing.models import Batch, BatchQuerySet, Rule
from apps.pricing.price import Tariff, day_start, price_at
from core.clock import database_now
from core.schedules.slots import INSTANT
from core.sweep.batches import BATCH_ROWS

MOST_ROWS = 20_000
MOST_SECONDS = 5.0


@dataclass
class Part:
    """`margin_cost` is what the units would bring less. `complete`: none was left out for lack of time or room."""

    batches: int = 0
    changed: int = 0
    units: int = 0
    margin_cost: Decimal = Decimal(0)
    largest_percent: int = 0
    complete: bool = True


@dataclass
class WhatIf:
    """`shelf`: what is on the shelves now. `left_over`: stock whose date came in these weeks, and is still there."""

    at: datetime
    weeks: int
    shelf: Part = field(default_factory=Part)
    left_over: Part = field(default_factory=Part)


def what_if(*, rule: Rule, weeks: int) -> WhatIf:
    """Say what the rule would change now, and what it would have changed in the last weeks."""
    ends = time.monotonic() + MOST_SECONDS
    with _reading_only():
        now = database_now()
        answer = WhatIf(now, weeks)
        mine = Batch.objects.filter(organisation=rule.organisation_id, qty__gt=0).priceable()
        shelf = mine.on_the_shelf(now, WINDOW_DAYS)
        _count(answer.shelf, shelf, rule.tariff, lambda batch: now, ends)
        today = now.date()
        over = mine.filter(expires_on__lt=today, expires_on__gte=today - timedelta(weeks=weeks))
        # As if it had been there then, whenever it is to begin.
        always = rule.tariff._replace(valid_from=None, valid_to=None)
        _count(answer.left_over, over, always, _last_moment, ends)
    return answer


@contextmanager
def _reading_only() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        yield


def _last_moment(batch: Batch) -> datetime:
    """Return the end of its date: the last time at which it could be sold for what it is."""
    return day_start(batch.expires_on + timedelta(days=1), batch.product.tz) - INSTANT


def _count(part: Part, rows: BatchQuerySet, rule: Tariff, when: Callable[[Batch], datetime], ends: float) -> None:
    after = 0
    while page := list(rows.filter(pk__gt=after).order_by("pk")[:BATCH_ROWS]):
        for batch in page:
            # What has no price has no other one by the rule.
            with suppress(*UNREADABLE):
                _weigh(part, batch, rule, when(batch))
        after = page[-1].pk
        if part.batches >= MOST_ROWS or time.monotonic() > ends:
            part.complete = len(page) < BATCH_ROWS
            return


def _weigh(part: Part, batch: Batch, rule: Tariff, at: datetime) -> None:
    part.batches += 1
    others = tuple(tariff for tariff in batch.tariffs if tariff.id != rule.id)
    before, after = price_at(batch.item, batch.tariffs, at), price_at(batch.item, (*others, rule), at)
    if before.amount is None or after.amount is None or before.amount == after.amount:
        return
    part.changed += 1
    part.units += batch.qty
    part.margin_cost += (before.amount - after.amount) * batch.qty
    part.largest_percent = max(part.largest_percent, after.percent)
