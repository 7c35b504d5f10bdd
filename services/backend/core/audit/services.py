"""Writes: one row per action, in the transaction of the action itself."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model

from core.audit.models import Audit
from core.organisations.models import Organisation


@dataclass(frozen=True)
class Operator:
    """Who acts: a signed-in person, a token or a command. `organisation` is None for the whole installation's staff."""

    name: str
    user: User | None = None
    organisation: Organisation | None = None


def subject_of(row: Model) -> str:
    """Name the row as every table does: `runs.run:<id>`."""
    return f"{row._meta.label_lower}:{row.pk}"


def audit_write(*, operator: Operator, verb: str, subject: Model, **data: Any) -> None:
    Audit.objects.create(
        organisation=getattr(subject, "organisation", None) or operator.organisation,
        actor=operator.user,
        actor_name=operator.name,
        verb=verb,
        subject=subject_of(subject),
        data=data,
    )
