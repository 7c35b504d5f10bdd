"""A change-set of the kernel's own, for chores without a history: a RunItem for every row.

It doubles what a run writes: an app that writes history anyway gives that a column for the run instead.
"""


def items_write(*, subject: str, before: str, after: str) -> str:
    """Return the statement for `Sweep.writes`; `before` and `after` are JSON made of what `changed` keeps."""
    return f"""
        INSERT INTO runs_runitem (run_id, subject, outcome, before, after, error)
        SELECT %(run)s::uuid, '{subject}:' || id, 'changed', {before}, {after}, '' FROM changed
        WHERE %(run)s IS NOT NULL
    """  # noqa: S608  # built from constants of the app


# For `Undo.items`: `untouched` compares with item.before and item.after.
ITEMS = """
    SELECT i.id AS place, split_part(i.subject, ':', 2)::bigint AS id, i.before, i.after FROM runs_runitem i
    WHERE i.run_id = %(of)s AND i.outcome = 'changed' AND i.undone_at IS NULL
"""
# For `Undo.writes`.
ITEMS_UNDONE = "UPDATE runs_runitem i SET undone_at = %(now)s FROM restored WHERE i.id = restored.place"
