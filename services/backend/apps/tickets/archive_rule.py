"""The archive rule as SQL, written once: the hourly run, the dry run and the preview are built from these pieces.

A ticket leaves when it is in a Done column, is not pinned, and entered the column strictly longer ago than its board's
threshold. The SQL function `tickets_archive_due` (migrations/0002) says when that is, or NULL; triggers and
`TicketQuerySet.with_due_at` call the same function.
"""

# What the partial index ticket_archive_due holds. A hint may be early, or late on a stale board: CHECKED decides.
HINTED = "t.archived_at IS NULL AND t.archive_at IS NOT NULL AND t.archive_at < %(now)s"

# Tickets that only the rule finds, because their board's hints still wait for a new setting to be worked in.
UNHINTED = """
    t.archived_at IS NULL AND (t.archive_at IS NULL OR t.archive_at >= %(now)s)
    AND t.column_id IN (
        SELECT c.id FROM tickets_column c JOIN tickets_board b ON b.id = c.board_id
        WHERE c.is_done_column AND (
            b.hints_stale_since IS NOT NULL
            OR b.effective_hours IS DISTINCT FROM coalesce(b.archive_after_hours, %(default_hours)s)))
"""

DUE_COLUMNS = "t.id, t.column_id, t.pinned, t.entered_column_at, t.archive_at"

CHECKED = """
    SELECT due.id, due.entered_column_at,
           c.name AS column_name, b.name AS board_name, rule.hours,
           tickets_archive_due(c.is_done_column, due.pinned, due.entered_column_at, rule.hours) AS due_at
    FROM due
    JOIN tickets_column c ON c.id = due.column_id
    JOIN tickets_board b ON b.id = c.board_id
    CROSS JOIN LATERAL (SELECT coalesce(b.archive_after_hours, %(default_hours)s) AS hours) rule
"""
