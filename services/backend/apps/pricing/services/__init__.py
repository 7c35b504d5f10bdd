"""Writes: everything that changes a price, or what it depends on. Transactions live here."""

from apps.pricing.services.due_times import due_times_refresh
from apps.pricing.services.expire import EXPIRE, discounts_expire
from apps.pricing.services.recompute import Outcome, batches_reprice, recompute
from apps.pricing.services.snapshot import prices_snapshot

__all__ = [
    "EXPIRE",
    "Outcome",
    "batches_reprice",
    "discounts_expire",
    "due_times_refresh",
    "prices_snapshot",
    "recompute",
]
