"""Make, edit and switch rules. What a rule would do is asked before it is switched on (`what_if`)."""

from typing import Any

from django.db import transaction

from apps.pricing.models import Rule
from apps.pricing.services.asking import recompute_soon
from apps.pricing.services.catalogue import locked, refusing
from core.audit.services import Operator, audit_write
from core.errors import RefusedError
from core.organisations.models import Organisation


def rule_create(*, organisation: Organisation, **fields: Any) -> Rule:
    return _rule_write(Rule(organisation=organisation, **fields))


@transaction.atomic
def rule_edit(*, rule: Rule, **fields: Any) -> Rule:
    """Change a rule that is off: what is switched on is what was looked at before."""
    rule = locked(rule)
    if rule.active:
        raise RefusedError(f"{rule.name!r} is active: deactivate it first, or make a new rule.")
    for name, value in fields.items():
        setattr(rule, name, value)
    return _rule_write(rule)


def _rule_write(rule: Rule) -> Rule:
    if rule.valid_from and rule.valid_to and rule.valid_to <= rule.valid_from:
        raise RefusedError("valid_to is not after valid_from: a rule begins before it ends.")
    with refusing(f"There is already a rule {rule.name!r}: choose another name."):
        rule.save()
    return rule


@transaction.atomic
def rule_switch(*, rule: Rule, active: bool, operator: Operator) -> Rule:
    """Switch it on or off. Prices follow at once where they are read; what is stored follows with the next run."""
    row = locked(rule)
    if row.active != active:
        row.active = active
        row.save(update_fields=["active"])
        audit_write(operator=operator, verb=f"rule.{'activate' if active else 'deactivate'}", subject=row)
        recompute_soon()
    return row
