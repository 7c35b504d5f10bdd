"""An app's history as a run's change-set: it is written anyway, and knows the run.

The table has the columns `at`, `actor_name`, `kind`, `old`, `new`, `automatic`, `run_id` and `undone_at`, and one that
names the row which each line is about.
"""

from dataclasses import dataclass

WRITE = """
    INSERT INTO {table} ({row}, at, actor_name, kind, old, new, automatic, run_id)
    SELECT id, %(now)s, '{by}', {kind}, {old}, {new}, true, %(run)s::uuid FROM changed
"""
CHANGES = """
    SELECT h.id AS place, h.{row} AS id, h.at, h.old, h.new FROM {table} h
    WHERE h.run_id = %(of)s AND h.automatic AND h.undone_at IS NULL
"""
UNDONE = "UPDATE {table} h SET undone_at = %(now)s FROM restored WHERE h.id = restored.place"
RESTORED = """
    INSERT INTO {table} ({row}, at, actor_name, kind, old, new, automatic, run_id)
    SELECT restored.id, %(now)s, %(asked_by)s, 'restored', {old}, {new}, false, %(run)s::uuid FROM restored {joins}
"""
LATER = "FROM {table} h WHERE h.{row} = item.id AND h.id > item.place AND {counts}"
WHY = """
    coalesce((
        SELECT 'Changed since by ' || coalesce(nullif(h.actor_name, ''), 'somebody') || ': ' || h.kind || ' at '
               || to_char(h.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC.'
        {later} ORDER BY h.id DESC LIMIT 1
    ), 'Changed since by somebody who left no history.')
"""


@dataclass(frozen=True)
class History:
    """`counts`: which lines `h` tell of a change that an undo must not overwrite."""

    table: str
    row: str
    counts: str = "true"

    def write(self, *, by: str, kind: str, old: str, new: str) -> str:
        """For `Sweep.writes`; kind, old and new are SQL on what `changed` keeps."""
        return WRITE.format(table=self.table, row=self.row, by=by, kind=kind, old=old, new=new)

    @property
    def changes(self) -> str:
        """For `Undo.items`."""
        return CHANGES.format(table=self.table, row=self.row)

    def undo(self, *, old: str, new: str, joins: str = "") -> tuple[str, str]:
        """For `Undo.writes`; old and new are SQL on what `restored` keeps."""
        restored = RESTORED.format(table=self.table, row=self.row, old=old, new=new, joins=joins)
        return UNDONE.format(table=self.table), restored

    @property
    def later(self) -> str:
        """From the lines that were written after the item's own."""
        return LATER.format(table=self.table, row=self.row, counts=self.counts)

    @property
    def why(self) -> str:
        """For `Undo.why`."""
        return WHY.format(later=self.later)
