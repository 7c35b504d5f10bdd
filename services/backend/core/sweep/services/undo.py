"""Take back what a run changed, as far as nobody has touched it since."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from core.runs.enums import Outcome
from core.runs.errors import NonRecoverableError
from core.runs.models import Run, RunItem
from core.sweep.batches import run_await
from core.sweep.declaration import Sweep
from core.sweep.registry import sweep_for
from core.sweep.statements import is_undoable, undo_steps
from core.sweep.walk import Tally, Walk

logger = logging.getLogger("deskbeat.sweep")

START = {"after_place": 0}


def changes_undo(*, run_id: str | UUID) -> Tally:
    """Restore, in batches, the rows that are as the run left them; the others become failed items of this run."""
    run = Run.objects.get(id=run_id)
    sweep = sweep_for(run.name)
    if sweep is None or sweep.undo is None:
        raise NonRecoverableError(f"{run.name} is not installed here, or cannot be undone any more.")
    tally, undo = Tally(), sweep.undo
    values = undo.values() | {"of": run.id, "asked_by": _begin(tally)}

    def fail(row_id: Any, why: str) -> None:
        logger.error("%s %s was not restored: %s", sweep.noun, row_id, why)
        if tally.run is not None:
            subject = f"{sweep.due.subject}:{row_id}"
            RunItem.objects.create(run_id=tally.run.id, subject=subject, outcome=Outcome.FAILED, error=why)

    def follow(ids: Sequence[int], now: datetime) -> int:
        if undo.then:
            undo.then(ids)
        return 0

    Walk(undo_steps(sweep), values, tally, fail, follow=follow).go(START)
    return tally


def _begin(tally: Tally) -> str:
    """Return who asked. What an earlier attempt restored stays done; what it could not restore is looked at again."""
    if tally.run is None:
        return ""
    run_await(tally.run.id)
    RunItem.objects.filter(run_id=tally.run.id).delete()
    asked_by, restored = Run.objects.values_list("requested_by", "changed").get(id=tally.run.id)
    tally.add(examined=restored, changed=restored)
    return asked_by


def has_changes(*, sweep: Sweep, run: Run) -> bool:
    """Tell whether the run left anything that can be undone: its history says so, also when its counts got lost."""
    with connection.cursor() as cursor:
        cursor.execute(is_undoable(sweep), {"of": run.id})
        return bool(cursor.fetchone()[0])
