"""The health report names prices that nobody puts on record, and nothing else."""

from datetime import timedelta

import pytest

from apps.pricing import services
from apps.pricing.health import look
from apps.pricing.models import Batch
from apps.pricing.tests.factories import BatchFactory, RuleFactory, clock

pytestmark = pytest.mark.django_db

HOURS = timedelta(hours=4)


def test_prices_that_wait_for_hours_are_named(organisation):
    RuleFactory(organisation=organisation)
    since = Batch.objects.get(pk=BatchFactory(product__organisation=organisation, days=1).pk).reprice_at

    (found,) = look(clock() + HOURS)

    assert found.since == since
    assert found.sentence == (
        f"1 price to be put on record since {since:%Y-%m-%d %H:%M:%S} UTC: recompute-all-discounts has not done it."
        " Whoever asks is told the right one all the same."
    )


def test_what_was_repriced_or_is_due_since_minutes_is_no_alarm(organisation):
    RuleFactory(organisation=organisation)
    batch = BatchFactory(product__organisation=organisation, days=20)
    assert list(look(clock())) == []

    services.due_times_refresh()
    services.batches_reprice(now=clock())

    assert Batch.objects.get(pk=batch.pk).reprice_at > clock() + HOURS
    assert list(look(clock() + HOURS)) == []
