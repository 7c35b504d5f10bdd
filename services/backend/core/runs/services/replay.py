"""Replay many dead letters by one request: bounded, once, and on record."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from core.audit.models import Audit
from core.audit.services import Operator, audit_write, subject_of
from core.runs.models import Run
from core.runs.services.operate import run_retry

MOST = 200
VERB = "run.replay-many"


class OtherRequestError(Exception):
    """The key was used for another request: use a new key for a new request."""


@transaction.atomic
def runs_replay(
    *, letters: QuerySet[Run], operator: Operator, wanted: Mapping[str, Any], limit: int, key: str | None = None
) -> list[Run]:
    """Ask again for the operator's letters, those that died first; return the new runs, each linked to the old one.

    `wanted` is what was asked for, in words of JSON. The same key and words again return the same runs, and ask for
    nothing; the same key with other words is refused.
    """
    dead = _locked(letters.filter(organisation=operator.organisation), limit)
    if key and (before := _asked_with(key, operator, limit)):
        _refuse_other(before[0], wanted)
        return before
    made = [
        run_retry(run=run, operator=operator, idempotency_key=key and _key(key, number))
        for number, run in enumerate(dead)
    ]
    if made:
        audit_write(operator=operator, verb=VERB, subject=made[0], wanted=dict(wanted), runs=len(made))
    return made


def _locked(letters: QuerySet[Run], limit: int) -> list[Run]:
    """Lock them, so that of two such requests at once the second finds what the first has replayed."""
    found = letters.order_by("finished_at", "id").select_related(None)
    rows = list(found.select_for_update(of=("self",))[:limit])
    replayed = set(Run.objects.filter(retry_of__in=rows).values_list("retry_of", flat=True))
    return [row for row in rows if row.pk not in replayed]


def _key(key: str, number: int) -> str:
    """Give each run a key of its own: the first has the caller's, the others one that has always room."""
    return f"{sha256(key.encode()).hexdigest()}:{number}" if number else key


def _asked_with(key: str, operator: Operator, limit: int) -> list[Run]:
    keys = [_key(key, number) for number in range(limit)]
    found = Run.objects.filter(organisation=operator.organisation, idempotency_key__in=keys)
    by_key = {run.idempotency_key: run for run in found.select_related("organisation", "schedule")}
    return [by_key[one] for one in keys if one in by_key]


def _refuse_other(first: Run, wanted: Mapping[str, Any]) -> None:
    before = Audit.objects.filter(subject=subject_of(first), verb=VERB).first()
    if before is None or before.data["wanted"] != dict(wanted):
        raise OtherRequestError(f"This Idempotency-Key was used for another request: run {first.pk}.")
