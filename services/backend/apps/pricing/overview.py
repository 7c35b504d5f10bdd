"""What the overview says of prices: which change next."""

from datetime import datetime

from apps.pricing.foresight import foretell
from apps.pricing.models import Batch
from core.overview.cards import Card, CardSource
from core.overview.upcoming import upcoming


def stepping(now: datetime) -> Card:
    return upcoming(
        "Changes its price next",
        hinted=Batch.objects.filter(qty__gt=0, reprice_at__isnull=False).order_by("reprice_at", "id"),
        read=Batch.objects.priceable(),
        foretell=foretell,
        some="The prices of these step down, or their date takes them off sale, the next first.",
        nothing="No batch on the shelf has another price ahead: give products a rule, and batches a date.",
        filters="?shelf=yes",
    )


CARDS = (CardSource(60, "pricing.view_batch", stepping),)
