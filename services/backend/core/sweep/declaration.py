"""What an app declares of a chore: how its rows become due, what happens to them, and how that is undone.

SQL, because set-based statements are the point: the kernel puts the pieces together into one statement per batch. The
table's alias is `t` throughout. A batch's time is `%(now)s`, its run `%(run)s` (NULL in a direct call); every other
value comes from `values`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.sweep.batches import BATCH_ROWS


def nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True)
class Failure:
    """Something beside the row itself that could not be done, such as one recipient's mail: it fails nobody else."""

    subject: str
    why: str


@dataclass(frozen=True)
class Row:
    """One row as people see it before it is changed: which, what would be done, and why."""

    subject: str
    what: str
    why: str


@dataclass(frozen=True)
class Decision:
    """A rule in Python, for what SQL cannot say. It is asked about the rows of a batch once they are locked.

    `check` then selects facts instead of decisions: `id` and `hint` first. `by` answers each of these rows, at the
    batch's time, with its `id`, `hint`, `due_at` and one value for each of `columns` (name and SQL type), which is what
    the change and the history say. Pure: the preview and the guard ask it, too, about rows that nobody has locked.
    """

    columns: tuple[tuple[str, str], ...]
    by: Callable[[Sequence[tuple[Any, ...]], datetime], Iterable[tuple[Any, ...]]]


@dataclass(frozen=True)
class Due:
    """How rows become due: read by the run, the dry run, the preview and the guard alike.

    `waiting` and the hint's `IS NOT NULL` are the condition of a partial index on (hint, id); a hint may be wrong, the
    `check` decides. It selects from `due` (id, hint and `columns` of the table), one row for each: `id`, `due_at`
    (NULL: not by itself), and whatever the change and the history say.
    """

    table: str
    subject: str
    hint: str
    waiting: str
    columns: str
    check: str
    # What a person is shown of a row, and how it is said.
    shown: str
    describe: Callable[[tuple[Any, ...]], Row]
    joins: str = ""
    # Rows that only the rule finds, because their hints still wait for a new setting.
    unhinted: str = "false"
    organisation: str = "t.organisation_id"
    values: Callable[[], dict[str, Any]] = dict
    decision: Decision | None = None

    @property
    def hinted(self) -> str:
        return f"{self.waiting} AND t.{self.hint} IS NOT NULL AND t.{self.hint} < %(now)s"


@dataclass(frozen=True)
class Guard:
    """A run that would change more than `rows`, and more than `times` what such runs usually change, is held.

    A thousand rows are more than a team moves in a usual hour, and few enough to be looked through and undone. Busy
    hours change some times as much as the median one: ten times is something else.
    """

    rows: int = 1000
    times: int = 10


@dataclass(frozen=True)
class Undo:
    """How what a run changed is taken back.

    `items` selects what the run `%(of)s` changed and no undo has restored: `place` (growing), `id`, and what
    `untouched` compares, as `item`, with the row. `writes` are statements on `restored` (id, place, `kept`): history by
    the operator `%(asked_by)s`, and the mark that takes the item out of `items`. `why` says who changed an `item`.
    `then` does in Python, in the batch's transaction, what follows from the restored ids, such as withdrawing mail.
    """

    items: str
    untouched: str
    restore: str
    writes: tuple[str, ...]
    why: str
    kept: str = "t.id AS kept"
    then: Callable[[Sequence[int]], None] | None = None
    values: Callable[[], dict[str, Any]] = dict


@dataclass(frozen=True)
class Sweep:
    """A chore. Its task names it in the decorator: `@shared_task(..., sweep=ARCHIVE)`.

    `change` sets columns of `t` from `checked`, the hint's among them; `writes` are statements on `changed` (id,
    `kept`): history. One that reads another by its name (write_0 is the first) comes after it. `prepare` runs before
    the first batch, for instance to bring stale hints up to date. `then` does in Python, in the batch's transaction,
    what follows from the changed ids, such as asking for mail: what it yields becomes failed items of the run, and a
    ValueError fails the row, as the database's errors do.
    """

    due: Due
    change: str
    writes: tuple[str, ...]
    kept: str = "checked.due_at"
    prepare: Callable[[], None] = nothing
    then: Callable[[Sequence[int], datetime], Iterable[Failure]] | None = None
    # Of the changed rows, those that `then` is called with: a condition on `changed`.
    followed: str = "true"
    batch_rows: int = BATCH_ROWS
    # Of the changed rows, those that the chore's own word counts: a condition on `changed`.
    counted: str = "true"
    guard: Guard = field(default_factory=Guard)
    undo: Undo | None = None
    # For the log: "Ticket 7 was not archived".
    noun: str = "Row"
    done: str = "changed"


@dataclass(frozen=True)
class Moment:
    """The time that a pass goes by: one for all its batches, or each batch's own."""

    fixed: datetime | None = None

    def of(self, batch: datetime) -> datetime:
        return self.fixed or batch
