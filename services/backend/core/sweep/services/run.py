"""Do what is due: the body of every sweep's task."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.db.models import QuerySet

from core.runs.enums import Outcome
from core.runs.models import RunItem
from core.sweep.batches import batch_transaction, concerns_rows
from core.sweep.declaration import Moment, Sweep
from core.sweep.guard import guard_check
from core.sweep.statements import named_steps, postpone, run_steps
from core.sweep.walk import Tally, Walk, reason

logger = logging.getLogger("deskbeat.sweep")

START = {"after_time": datetime(1, 1, 1, tzinfo=UTC), "after_id": 0}


def sweep_run(*, sweep: Sweep, now: datetime | None = None, failed_of: str | UUID | None = None) -> Tally:
    """Do what is due at `now` (default: the database's clock, per batch), or only what failed in the run `failed_of`.

    As a run's work it is guarded, counted and ends when somebody cancels; called directly it just does it.
    """
    sweep.prepare()
    tally = Tally()
    if tally.run is not None and failed_of is None:
        tally.total = guard_check(sweep=sweep, run=tally.run, now=now)
    tally.go_on()
    moment = Moment(now)
    if failed_of is None:
        _walk(sweep, tally, moment, named=False).go(START)
    else:
        _retry(_walk(sweep, tally, moment, named=True), failed_items(sweep, failed_of))
    return tally


def _walk(sweep: Sweep, tally: Tally, moment: Moment, *, named: bool) -> Walk:
    def fail(row_id: Any, why: str) -> None:
        logger.error("%s %s was not %s and is tried again in an hour: %s", sweep.noun, row_id, sweep.done, why)
        _item_fail(tally, f"{sweep.due.subject}:{row_id}", why)
        _postpone(sweep, row_id, moment)

    def follow(ids: Sequence[int], now: datetime) -> int:
        failures = list(sweep.then(ids, now)) if sweep.then else []
        for failure in failures:
            logger.error("%s could not be done: %s", failure.subject, failure.why)
            _item_fail(tally, failure.subject, failure.why)
        return len(failures)

    steps = named_steps(sweep) if named else run_steps(sweep)
    decided = sweep.due if sweep.due.decision else None
    return Walk(steps, sweep.due.values(), tally, fail, moment, follow, sweep.batch_rows, decided)


def failed_items(sweep: Sweep, run_id: str | UUID) -> QuerySet[RunItem]:
    """Return the rows of the sweep that failed in the run; what failed beside a row is not taken again."""
    of_the_sweep = RunItem.objects.filter(subject__startswith=f"{sweep.due.subject}:")
    return of_the_sweep.filter(run_id=run_id, outcome=Outcome.FAILED)


def _retry(walk: Walk, failed: QuerySet[RunItem]) -> None:
    """Take the failed items in the order in which they failed; each once, also if it fails again."""
    after = 0
    items = failed.order_by("id")
    while page := list(items.filter(id__gt=after).values_list("id", "subject")[: walk.batch_rows]):
        walk.tally.tell()
        walk.batch({"ids": [int(subject.rpartition(":")[2]) for _, subject in page]})
        after = page[-1][0]


def _item_fail(tally: Tally, subject: str, why: str) -> None:
    if tally.run is not None:
        RunItem.objects.create(run_id=tally.run.id, subject=subject, outcome=Outcome.FAILED, error=why)


def _postpone(sweep: Sweep, row_id: Any, moment: Moment) -> None:
    try:
        with batch_transaction() as (cursor, batch):
            cursor.execute(postpone(sweep), sweep.due.values() | {"id": row_id, "now": moment.of(batch)})
    except DatabaseError as error:
        if not concerns_rows(error):
            raise
        # It stays due. The run passes it by all the same, because it never looks back.
        logger.warning("The hint of %s %s could not be moved on: %s", sweep.noun.lower(), row_id, reason(error))
