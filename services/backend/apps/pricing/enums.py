"""Words and numbers shared by models, services and the doors."""

from django.db.models import TextChoices

RECOMPUTE_TASK = "recompute_all_discounts"
CLEANUP_TASK = "cleanup_expired_discounts"
HISTORY_TASK = "update_price_history"
# The same tasks by the names that other programs call them by.
ALIAS = "app.tasks.{}".format

RECOMPUTE_SCHEDULE = "recompute-all-discounts"

# Discounts begin so many days before a batch's date, not earlier: further away a batch has its list price.
WINDOW_DAYS = 30
MOST_TIERS = 20


class DateKind(TextChoices):
    """What a batch's date says: not for sale after it, or only less good."""

    USE_BY = "use_by"
    BEST_BEFORE = "best_before"


class Policy(TextChoices):
    """How a rule's tiers are read; `price.POLICIES` has the function of each."""

    TIERS = "tiers"
    DAILY = "daily"


class Status(TextChoices):
    ACTIVE = "active"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class Reason(TextChoices):
    CHANGE = "change"
    SNAPSHOT = "snapshot"
    MANUAL = "manual"
