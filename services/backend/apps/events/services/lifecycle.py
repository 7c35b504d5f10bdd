"""The chores of time: start and complete events, archive old ones, and how a run of each is undone."""

import logging
from datetime import datetime

from apps.events.enums import ARCHIVE_SCHEDULE, END_SCHEDULE, Kind, Status
from apps.events.lifecycle import ARCHIVE_DUE, TRANSITION_DUE
from apps.events.models import Event
from apps.events.services.contacts import contacts_tell, contacts_untell
from core.sweep.declaration import Sweep, Undo
from core.sweep.history import History
from core.sweep.services.run import sweep_run

logger = logging.getLogger("deskbeat.events")


HISTORY = History("events_eventhistory", "event_id", f"h.kind <> '{Kind.EDITED}'")
MOVED_ON = f"CASE new WHEN 'ONGOING' THEN '{Kind.STARTED}' ELSE '{Kind.COMPLETED}' END"

TRANSITION = Sweep(
    due=TRANSITION_DUE,
    change="""
        status = checked.new, transition_at = CASE checked.new WHEN 'ONGOING' THEN checked.ends END,
        completed_at = CASE checked.new WHEN 'COMPLETED' THEN %(now)s END,
        archive_at = events_archive_due(checked.new, %(now)s), updated_at = %(now)s
    """,
    kept="checked.old, checked.new, t.contact",
    writes=(HISTORY.write(by=END_SCHEDULE, kind=MOVED_ON, old="old", new="new"),),
    then=contacts_tell,
    # Most events name no contact: a batch of those asks nothing more.
    followed=f"new = '{Status.COMPLETED}' AND contact <> ''",
    counted=f"new = '{Status.COMPLETED}'",
    # A batch is planned anew: twice the usual rows halve that, and lock no event for longer than a tenth of a second.
    batch_rows=1000,
    # The hints come back by the database's trigger: what was ended by a wrong clock waits for its own end again.
    undo=Undo(
        items=HISTORY.changes,
        untouched=f"t.status = item.new AND t.archived_at IS NULL AND NOT EXISTS (SELECT {HISTORY.later})",
        restore="status = item.old, updated_at = %(now)s",
        kept="item.old, item.new",
        writes=HISTORY.undo(old="restored.new", new="restored.old"),
        then=lambda ids: contacts_untell(Event.objects.filter(pk__in=ids)),
        why=HISTORY.why,
    ),
    noun="Event",
    done="moved on",
)

ARCHIVE = Sweep(
    due=ARCHIVE_DUE,
    change="archived_at = %(now)s, archive_at = NULL, updated_at = %(now)s",
    writes=(HISTORY.write(by=ARCHIVE_SCHEDULE, kind=f"'{Kind.ARCHIVED}'", old="''", new="'after 90 days'"),),
    undo=Undo(
        items=HISTORY.changes,
        untouched="t.archived_at = item.at",
        restore="archived_at = NULL, updated_at = %(now)s",
        writes=HISTORY.undo(old="''", new="''"),
        why=HISTORY.why,
    ),
    noun="Event",
    done="archived",
)


def events_move_on(*, now: datetime | None = None, failed_of: str | None = None) -> int:
    """Start and complete what is over its time at `now`, and return how many events were completed."""
    done = sweep_run(sweep=TRANSITION, now=now, failed_of=failed_of)
    counts = {"examined": done.examined, "started": done.changed - done.counted, "completed": done.counted}
    logger.info("Marked %s events as completed", done.counted, extra={"fields": counts | {"failed": done.failed}})
    return done.counted


def events_archive(*, now: datetime | None = None, failed_of: str | None = None) -> int:
    """Archive what was completed more than 90 days before `now`, and return how many events that were."""
    done = sweep_run(sweep=ARCHIVE, now=now, failed_of=failed_of)
    logger.info("Archived %s events", done.changed, extra={"fields": {"failed": done.failed}})
    return done.changed
