"""The pages of rules: made switched off, weighed, switched."""

import pytest
from django.test import Client

from apps.pricing.models import Product, Rule
from apps.pricing.tests.factories import TIERS, BatchFactory, RuleFactory
from apps.pricing.tests.pages import act, adding, faults, page, rule_form
from core.audit.models import Audit
from core.organisations.models import Organisation

pytestmark = pytest.mark.django_db


def test_rule_is_made_off(admin: Client, organisation: Organisation) -> None:
    admin.post(adding("rule"), rule_form(organisation, scope=""))

    rule = Rule.objects.get()
    assert (rule.active, rule.tiers, rule.scope) == (False, TIERS, {})


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"tiers": "[[3, 10], [7, 25]]"}, "tiers", "put the most days first."),
        ({"tiers": '["soon"]'}, "tiers", "Write tiers as pairs of days left and percent off"),
        ({"tiers": "[[7"}, "tiers", "Enter a valid JSON."),
        ({"tiers": "[]"}, "tiers", "This field is required."),
        ({"scope": '{"sku": ["MILK"]}'}, "scope", "Write a scope such as"),
        ({"scope": '{"skus": ["\\u0000"]}'}, "scope", "Write a scope such as"),
        ({"valid_from_0": "2026-02-01", "valid_from_1": "00:00", "valid_to_0": "2026-01-01", "valid_to_1": "00:00"},
         "__all__", "A rule begins before it ends."),
        ({"name": "Taken"}, "__all__", "Rule with this Organisation and Name already exists."),
    ],
)  # fmt: skip
def test_rule_that_makes_no_sense_is_refused_in_a_sentence(
    admin: Client, organisation: Organisation, changes, field, sentence
) -> None:
    rule, _ = (RuleFactory(organisation=organisation, name=name, active=False) for name in ("Free", "Taken"))

    for address in (adding("rule"), page(rule)):
        (told,) = faults(admin.post(address, rule_form(organisation, **changes))).items()
        assert (told[0], sentence in " ".join(told[1])) == (field, True)


def test_rule_is_weighed_switched_on_and_off(admin: Client, product: Product) -> None:
    batch, rule = BatchFactory(product=product, days=3), RuleFactory(organisation=product.organisation, active=False)

    assert "1 of 1 batches on the shelf would change, and their 10 units bring 10 less." in act(admin, "what_if", rule)
    for action, active in (("activate", True), ("deactivate", False)):
        assert "Prices follow at once; the next run puts them on record." in act(admin, action, rule)
        rule.refresh_from_db()
        assert (rule.active, "3 EUR" in admin.get(page(batch)).content.decode()) == (active, active)
    assert set(Audit.objects.values_list("verb", "actor_name")) == {
        ("rule.activate", "admin"),
        ("rule.deactivate", "admin"),
    }


def test_rule_that_is_on_is_read_only(admin: Client, organisation: Organisation) -> None:
    rule = RuleFactory(organisation=organisation)

    assert admin.get(page(rule)).context["adminform"].form.fields == {}
    assert admin.post(page(rule), rule_form(organisation, name="Other")).status_code == 403
