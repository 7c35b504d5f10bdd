"""What the overview says of prices: which change next."""

from datetime import datetime

from django.urls import reverse
from django.utils.formats import localize

from apps.pricing.foresight import foretell
from apps.pricing.models import Batch
from core.overview.cards import COUNTED, Card, CardSource, Line, counted

LINES = 5


def stepping(now: datetime) -> Card:
    """Count the due times, in the order of their index; the price function speaks for those shown."""
    marked = Batch.objects.filter(qty__gt=0, reprice_at__isnull=False).order_by("reprice_at", "id")
    ids = list(marked.values_list("pk", flat=True)[: COUNTED + 1])
    first = Batch.objects.priceable().in_bulk(ids[:LINES])
    batches = foretell([first[key] for key in ids[:LINES] if key in first])
    words = (
        "The prices of these step down, or their date takes them off sale, the next first."
        if ids
        else "No batch on the shelf has another price ahead: give products a rule, and batches a date."
    )
    where = f"{reverse('admin:pricing_batch_changelist')}?shelf=yes"
    return Card("Changes its price next", counted(ids), words, where, "", [_line(batch) for batch in batches])


def _line(batch: Batch) -> Line:
    foretold = getattr(batch, "next_action")  # noqa: B009  # written by `foretell`
    when = localize(foretold.at) if foretold.at else foretold.why
    return Line(str(batch), reverse("admin:pricing_batch_change", args=[batch.pk]), f"{when}")


CARDS = (CardSource(60, "pricing.view_batch", stepping),)
