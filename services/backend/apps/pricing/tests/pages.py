"""The admin pages of pricing, and their forms as a browser sends them."""

from typing import Any

from django.test import Client
from django.urls import reverse

from apps.pricing.models import Batch, Product, Rule
from apps.pricing.tests.factories import TIERS
from core.organisations.models import Organisation


def listing(model: str) -> str:
    return reverse(f"admin:pricing_{model}_changelist")


def adding(model: str) -> str:
    return reverse(f"admin:pricing_{model}_add")


def page(row: Any) -> str:
    return reverse(f"admin:pricing_{row._meta.model_name}_change", args=[row.pk])


def sent(row: Any, *names: str, **changes: Any) -> dict[str, Any]:
    """The form as the browser sends it."""
    values = {name: value for name in names if (value := getattr(row, name)) is not None}
    return values | {f"price_points-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")} | changes


def product_form(product: Product, **changes: Any) -> dict[str, Any]:
    names = "sku", "name", "list_price", "floor_price", "cost", "date_kind", "tz", "rounding"
    return sent(product, *names, organisation=product.organisation_id, **changes)


def batch_form(batch: Batch, **changes: Any) -> dict[str, Any]:
    names = "code", "received_on", "expires_on", "qty", "manual_price"
    return sent(batch, *names, product=batch.product_id, **changes)


def rule_form(organisation: Organisation, **changes: Any) -> dict[str, Any]:
    given = {"name": "Last week", "tiers": str(TIERS), "scope": "{}", "policy": "tiers"}
    return {"organisation": organisation.pk} | given | changes


def faults(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


def act(admin: Client, action: str, *rules: Rule) -> str:
    data = {"action": action, "_selected_action": [rule.pk for rule in rules]}
    return admin.post(listing("rule"), data, follow=True).content.decode()
