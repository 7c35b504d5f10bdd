"""Reads: products, batches with all that their price needs, and rules."""

from apps.pricing.models import Batch, BatchQuerySet, PricePoint, Product, Rule
from core.organisations.models import Organisation


def product_get(*, organisation: Organisation, product_id: int) -> Product | None:
    return Product.objects.filter(organisation=organisation, pk=product_id).first()


def batch_list(*, organisation: Organisation) -> BatchQuerySet:
    """Return the organisation's batches, newest first; their prices cost no other query."""
    return Batch.objects.filter(organisation=organisation).priceable()


def batch_get(*, organisation: Organisation, batch_id: int) -> Batch | None:
    return batch_list(organisation=organisation).filter(pk=batch_id).first()


def price_point_list(*, batch: Batch, limit: int) -> list[PricePoint]:
    """Return the batch's newest price points, oldest first."""
    return list(batch.price_points.select_related("rule").order_by("-at", "-id")[:limit])[::-1]


def rule_get(*, organisation: Organisation, rule_id: int) -> Rule | None:
    return Rule.objects.filter(organisation=organisation, pk=rule_id).first()
