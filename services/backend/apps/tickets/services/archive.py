"""The chore: archive the tickets that are due, with their history, and how a run of it is undone."""

import logging
from dataclasses import asdict, dataclass
from datetime import datetime

from apps.tickets.archive_rule import ARCHIVE_DUE
from apps.tickets.enums import ARCHIVE_SCHEDULE
from apps.tickets.services.hints import hints_refresh
from core.sweep.declaration import Sweep, Undo
from core.sweep.services.run import sweep_run

logger = logging.getLogger("deskbeat.tickets")

HISTORY = f"""
    INSERT INTO tickets_ticketevent (ticket_id, at, actor_name, kind, old, new, automatic, run_id)
    SELECT id, %(now)s, '{ARCHIVE_SCHEDULE}', 'archived', column_name, 'after more than ' || hours || ' h', true,
           %(run)s::uuid
    FROM changed
"""  # noqa: S608  # built from a constant; every value is a parameter

# The history is the change-set: it is written anyway, and knows the run.
ARCHIVED = """
    SELECT e.id AS place, e.ticket_id AS id, e.at FROM tickets_ticketevent e
    WHERE e.run_id = %(of)s AND e.kind = 'archived' AND e.undone_at IS NULL
"""
UNDONE = "UPDATE tickets_ticketevent e SET undone_at = %(now)s FROM restored WHERE e.id = restored.place"
RESTORED = """
    INSERT INTO tickets_ticketevent (ticket_id, at, actor_name, kind, old, new, automatic, run_id)
    SELECT restored.id, %(now)s, %(asked_by)s, 'restored', '', c.name, false, %(run)s::uuid
    FROM restored JOIN tickets_column c ON c.id = restored.column_id
"""
WHY = """
    coalesce((
        SELECT 'Changed since by ' || coalesce(nullif(e.actor_name, ''), 'somebody') || ': ' || e.kind || ' at '
               || to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC.'
        FROM tickets_ticketevent e WHERE e.ticket_id = item.id AND e.id > item.place
        ORDER BY e.at DESC, e.id DESC LIMIT 1
    ), 'Changed since by somebody who left no history.')
"""

ARCHIVE = Sweep(
    due=ARCHIVE_DUE,
    change="archived_at = %(now)s, archive_at = NULL, updated_at = %(now)s",
    kept="checked.column_name, checked.hours",
    writes=(HISTORY,),
    prepare=hints_refresh,
    # A ticket that comes back gets a new clock, by the database's trigger, as from `tickets_restore`.
    undo=Undo(
        items=ARCHIVED,
        untouched="t.archived_at = item.at",
        restore="archived_at = NULL, updated_at = %(now)s",
        kept="t.column_id",
        writes=(UNDONE, RESTORED),
        why=WHY,
    ),
    noun="Ticket",
    done="archived",
)


@dataclass
class Outcome:
    """What a run did; the log names each ticket that failed, with the database's reason."""

    examined: int = 0
    archived: int = 0
    failed: int = 0


def tickets_archive_due(*, now: datetime | None = None, failed_of: str | None = None) -> Outcome:
    """Archive every ticket that is over its board's threshold at `now`, or of them those that failed in that run."""
    done = sweep_run(sweep=ARCHIVE, now=now, failed_of=failed_of)
    outcome = Outcome(done.examined, done.changed, done.failed)
    logger.info("Archived %s tickets", outcome.archived, extra={"fields": asdict(outcome)})
    return outcome
