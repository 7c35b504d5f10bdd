"""Go through rows once, batch by batch; a batch that fails is gone through row by row."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction
from django.db.backends.utils import CursorWrapper

from core.runs.models import Run
from core.runs.running import Running, running
from core.sweep.batches import BATCH_ROWS, batch_transaction, concerns_rows, run_await
from core.sweep.decide import as_values, decisions
from core.sweep.declaration import Due, Moment
from core.sweep.statements import Steps

logger = logging.getLogger("deskbeat.sweep")

Place = dict[str, Any]


def follow_nothing(ids: Sequence[int], now: datetime) -> int:
    """Do nothing more, and fail at nothing."""
    return 0


@dataclass
class Tally:
    """What was done so far: told to the run, if one is at work."""

    examined: int = 0
    changed: int = 0
    failed: int = 0
    total: int | None = None
    # Of the changed rows, those that the chore's own word counts; of this attempt alone.
    counted: int = field(default=0, compare=False)
    run: Running | None = field(default_factory=running, compare=False)

    def add(self, examined: int = 0, changed: int = 0, failed: int = 0) -> None:
        self.examined += examined
        self.changed += changed
        self.failed += failed
        if self.run is not None:
            self.run.count(examined=examined, changed=changed, failed=failed)

    def commit(self, examined: int = 0, changed: int = 0, failed: int = 0) -> None:
        """Write it down in the transaction that did it: whatever dies then, the row tells what is committed."""
        if self.run is not None:
            done = self.examined + examined
            self.run.commit(examined=examined, changed=changed, failed=failed, done=done, total=self.total)

    def go_on(self) -> None:
        """Begin with what earlier attempts of the run did."""
        if self.run is not None and self.run.attempt > 1:
            run_await(self.run.id)
            self.add(*Run.objects.values_list("examined", "changed", "failed").get(id=self.run.id))

    def tell(self) -> None:
        """Say how far it is: the safe point at which a cancelled run ends."""
        if self.run is not None:
            self.run.progress(self.examined, self.total)


@dataclass
class Walk:
    """`fail` records a row that raised, after its transaction was rolled back.

    `follow` does what follows from the changed ids, in their transaction, and returns how much of it failed. `decided`
    is whose rule is Python.
    """

    steps: Steps
    values: dict[str, Any]
    tally: Tally
    fail: Callable[[Any, str], None]
    moment: Moment = field(default_factory=Moment)
    follow: Callable[[Sequence[int], datetime], int] = follow_nothing
    batch_rows: int = BATCH_ROWS
    decided: Due | None = None

    def go(self, start: Place) -> None:
        place: Place | None = start
        while place is not None:
            self.tally.tell()
            place = self.batch(place)

    def batch(self, place: Place) -> Place | None:
        """Act on the batch after the place and return where it ended, or None when nothing was left."""
        try:
            return self._execute(self.steps.batch, self.steps.lock_batch, place)
        except (DatabaseError, ValueError) as error:
            if not concerns_rows(error):
                raise
            logger.warning("A batch failed and is retried row by row: %s", reason(error))
            return self._one_by_one(place)

    def _execute(self, statement: str, lock: str, values: dict[str, Any]) -> Place | None:
        run = self.tally.run
        with batch_transaction(run.id if run else None) as (cursor, moment):
            values = self._values(values, now=self.moment.of(moment))
            cursor.execute(statement, values | self._decide(cursor, lock, values))
            row = cursor.fetchone()
            if row is None:
                return None
            examined, changed, failed = row[:3]
            place = dict(zip(_names(cursor)[3:], row[3:], strict=True))
            if ids := place.pop("ids", None):
                failed += self.follow(ids, self.moment.of(moment))
            self.tally.commit(examined, changed, failed)
        self.tally.add(examined, changed, failed)
        self.tally.counted += place.pop("counted", 0)
        return place

    def _decide(self, cursor: CursorWrapper, lock: str, values: dict[str, Any]) -> dict[str, Any]:
        if self.decided is None:
            return {}
        cursor.execute(lock, values)
        ids = [row[0] for row in cursor.fetchall()]
        rows = decisions(due=self.decided, cursor=cursor, ids=ids, now=values["now"], values=values)
        return as_values(self.decided, rows)

    def _one_by_one(self, place: Place) -> Place | None:
        with batch_transaction() as (cursor, moment):
            cursor.execute(self.steps.name, self._values(place, now=self.moment.of(moment)))
            rows, names = cursor.fetchall(), _names(cursor)
        for key, row_id, *_ in rows:
            self._one(key, row_id)
        return dict(zip(names[2:], rows[-1][2:], strict=True)) if rows else None

    def _one(self, key: Any, row_id: Any) -> None:
        """Act on one row in its own transaction: shorter than a savepoint in the batch's, and as isolated."""
        try:
            self._execute(self.steps.one, self.steps.lock_one, {"id": key})
        except (DatabaseError, ValueError) as error:
            if not concerns_rows(error):
                raise
            with transaction.atomic():
                self.tally.commit(examined=1, failed=1)
                self.fail(row_id, reason(error))
            self.tally.add(examined=1, failed=1)

    def _values(self, values: dict[str, Any], **more: Any) -> dict[str, Any]:
        run = self.tally.run
        return self.values | values | more | {"limit": self.batch_rows, "run": run.id if run else None}


def reason(error: DatabaseError | ValueError) -> str:
    return str(error).partition("\n")[0]


def _names(cursor: CursorWrapper) -> list[str]:
    return [column.name for column in cursor.description]
