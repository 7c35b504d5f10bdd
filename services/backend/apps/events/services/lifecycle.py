"""The chores of time: start and complete events, archive old ones, and how a run of each is undone."""

import logging
from datetime import datetime

from apps.events.enums import ARCHIVE_SCHEDULE, END_SCHEDULE, Kind, Status
from apps.events.lifecycle import ARCHIVE_DUE, TRANSITION_DUE
from apps.events.models import Event
from apps.events.services.contacts import contacts_tell, contacts_untell
from core.sweep.declaration import Sweep, Undo
from core.sweep.services.run import sweep_run

logger = logging.getLogger("deskbeat.events")


def _history(by: str, kind: str, old: str, new: str) -> str:
    return f"""
        INSERT INTO events_eventhistory (event_id, at, actor_name, kind, old, new, automatic, run_id)
        SELECT id, %(now)s, '{by}', {kind}, {old}, {new}, true, %(run)s::uuid FROM changed
    """  # noqa: S608  # built from constants; every value is a parameter


# The history is the change-set: it is written anyway, and knows the run.
CHANGES = """
    SELECT h.id AS place, h.event_id AS id, h.at, h.old, h.new FROM events_eventhistory h
    WHERE h.run_id = %(of)s AND h.automatic AND h.undone_at IS NULL
"""
UNDONE = "UPDATE events_eventhistory h SET undone_at = %(now)s FROM restored WHERE h.id = restored.place"
RESTORED = f"""
    INSERT INTO events_eventhistory (event_id, at, actor_name, kind, old, new, automatic, run_id)
    SELECT restored.id, %(now)s, %(asked_by)s, '{Kind.RESTORED}', restored.old, restored.new, false, %(run)s::uuid
    FROM restored
"""  # noqa: S608  # as above
LATER = f"""
    FROM events_eventhistory h WHERE h.event_id = item.id AND h.id > item.place AND h.kind <> '{Kind.EDITED}'
"""
WHY = f"""
    coalesce((
        SELECT 'Changed since by ' || coalesce(nullif(h.actor_name, ''), 'somebody') || ': ' || h.kind || ' at '
               || to_char(h.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC.'
        {LATER} ORDER BY h.id DESC LIMIT 1
    ), 'Changed since by somebody who left no history.')
"""

TRANSITION = Sweep(
    due=TRANSITION_DUE,
    change="""
        status = checked.new, transition_at = CASE checked.new WHEN 'ONGOING' THEN checked.ends END,
        completed_at = CASE checked.new WHEN 'COMPLETED' THEN %(now)s END,
        archive_at = events_archive_due(checked.new, %(now)s), updated_at = %(now)s
    """,
    kept="checked.old, checked.new, t.contact",
    writes=(
        _history(
            END_SCHEDULE, f"CASE new WHEN 'ONGOING' THEN '{Kind.STARTED}' ELSE '{Kind.COMPLETED}' END", "old", "new"
        ),
    ),
    then=contacts_tell,
    # Most events name no contact: a batch of those asks nothing more.
    followed=f"new = '{Status.COMPLETED}' AND contact <> ''",
    counted=f"new = '{Status.COMPLETED}'",
    # A batch is planned anew: twice the usual rows halve that, and lock no event for longer than a tenth of a second.
    batch_rows=1000,
    # The hints come back by the database's trigger: what was ended by a wrong clock waits for its own end again.
    undo=Undo(
        items=CHANGES,
        untouched=f"t.status = item.new AND t.archived_at IS NULL AND NOT EXISTS (SELECT {LATER})",
        restore="status = item.old, updated_at = %(now)s",
        kept="item.new AS old, item.old AS new",
        writes=(UNDONE, RESTORED),
        then=lambda ids: contacts_untell(Event.objects.filter(pk__in=ids)),
        why=WHY,
    ),
    noun="Event",
    done="moved on",
)

ARCHIVE = Sweep(
    due=ARCHIVE_DUE,
    change="archived_at = %(now)s, archive_at = NULL, updated_at = %(now)s",
    writes=(_history(ARCHIVE_SCHEDULE, f"'{Kind.ARCHIVED}'", "''", "'after 90 days'"),),
    undo=Undo(
        items=CHANGES,
        untouched="t.archived_at = item.at",
        restore="archived_at = NULL, updated_at = %(now)s",
        kept="'' AS old, '' AS new",
        writes=(UNDONE, RESTORED),
        why=WHY,
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
