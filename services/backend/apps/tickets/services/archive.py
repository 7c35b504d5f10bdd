"""The chore: archive the tickets that are due, with their history, and how a run of it is undone."""

import logging
from dataclasses import asdict, dataclass
from datetime import datetime

from apps.tickets.archive_rule import ARCHIVE_DUE
from apps.tickets.enums import ARCHIVE_SCHEDULE
from apps.tickets.services.hints import hints_refresh
from core.sweep.declaration import Sweep, Undo
from core.sweep.history import History
from core.sweep.services.run import sweep_run

logger = logging.getLogger("deskbeat.tickets")

HISTORY = History("tickets_ticketevent", "ticket_id")

ARCHIVE = Sweep(
    due=ARCHIVE_DUE,
    change="archived_at = %(now)s, archive_at = NULL, updated_at = %(now)s",
    kept="checked.column_name, checked.hours",
    writes=(
        HISTORY.write(
            by=ARCHIVE_SCHEDULE, kind="'archived'", old="column_name", new="'after more than ' || hours || ' h'"
        ),
    ),
    prepare=hints_refresh,
    # A ticket that comes back gets a new clock, by the database's trigger, as from `tickets_restore`.
    undo=Undo(
        items=HISTORY.changes,
        untouched="t.archived_at = item.at",
        restore="archived_at = NULL, updated_at = %(now)s",
        kept="t.column_id",
        writes=HISTORY.undo(old="''", new="c.name", joins="JOIN tickets_column c ON c.id = restored.column_id"),
        why=HISTORY.why,
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
