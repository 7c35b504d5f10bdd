"""Writes: everything that changes a price, or what it depends on. Transactions live here."""

from apps.pricing.services.asking import recompute_here, recompute_soon
from apps.pricing.services.catalogue import (
    AMOUNTS,
    batch_create,
    batch_edit,
    currency_set,
    product_create,
    product_edit,
    smallest_coin,
)
from apps.pricing.services.due_times import due_times_refresh
from apps.pricing.services.expire import EXPIRE, discounts_expire
from apps.pricing.services.recompute import Outcome, batches_reprice, recompute
from apps.pricing.services.retention import history_forget
from apps.pricing.services.rules import rule_create, rule_edit, rule_switch
from apps.pricing.services.snapshot import prices_snapshot
from apps.pricing.services.what_if import WhatIf, what_if

__all__ = [
    "AMOUNTS",
    "EXPIRE",
    "Outcome",
    "WhatIf",
    "batch_create",
    "batch_edit",
    "batches_reprice",
    "currency_set",
    "discounts_expire",
    "due_times_refresh",
    "history_forget",
    "prices_snapshot",
    "product_create",
    "product_edit",
    "recompute",
    "recompute_here",
    "recompute_soon",
    "rule_create",
    "rule_edit",
    "rule_switch",
    "smallest_coin",
    "what_if",
]
