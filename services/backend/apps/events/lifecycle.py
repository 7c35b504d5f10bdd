"""What time does to an event, as SQL: the runs, the dry runs, the previews and the guard are built from it.

A confirmed event is ongoing once it has begun, and completed once its end lies strictly in the past; one that did both
since the last run goes straight to completed. 90 days after its completion it is archived. The SQL functions
`events_begins`, `events_ends` and `events_status` (migrations/0002) say when; triggers and the manager call the same.
"""

from typing import Any

from apps.events.enums import OPEN
from core.sweep.declaration import Due, Row

OPEN_STATES = ", ".join(f"'{status}'" for status in OPEN)
VERBS = {"ONGOING": "Start", "COMPLETED": "Complete"}
ORGANISATION = "JOIN organisations_organisation o ON o.id = t.organisation_id"

TRANSITION = """
    SELECT due.id, due.status AS old, events_status(due.status, clock.begins, clock.ends, %(now)s) AS new, clock.ends,
           events_transition_due(due.status, clock.begins, clock.ends) AS due_at
    FROM due CROSS JOIN LATERAL (
        SELECT events_begins(due.starts_at, due.tz, due.all_day) AS begins,
               events_ends(due.end_date, due.tz, due.all_day) AS ends
    ) clock
"""


def describe_transition(row: tuple[Any, ...]) -> Row:
    event_id, title, organisation, old, new, due_at = row
    what = f"{VERBS[new]} {title!r} of {organisation}"
    return Row(f"events.event:{event_id}", what, f"{old}, and over its time since {due_at:%Y-%m-%d %H:%M} UTC")


TRANSITION_DUE = Due(
    table="events_event",
    subject="events.event",
    hint="transition_at",
    waiting=f"t.status IN ({OPEN_STATES})",
    columns="t.status, t.starts_at, t.end_date, t.tz, t.all_day",
    check=TRANSITION,
    shown="t.id, t.title, o.slug, checked.old, checked.new, checked.due_at",
    joins=ORGANISATION,
    describe=describe_transition,
)


def describe_archive(row: tuple[Any, ...]) -> Row:
    event_id, title, organisation, completed_at = row
    why = f"completed on {completed_at:%Y-%m-%d}, more than 90 days ago"
    return Row(f"events.event:{event_id}", f"Archive {title!r} of {organisation}", why)


ARCHIVE_DUE = Due(
    table="events_event",
    subject="events.event",
    hint="archive_at",
    waiting="t.archived_at IS NULL",
    columns="t.status, t.completed_at",
    check="SELECT due.id, events_archive_due(due.status, due.completed_at) AS due_at FROM due",
    shown="t.id, t.title, o.slug, t.completed_at",
    joins=ORGANISATION,
    describe=describe_archive,
)


def describe_reminder(row: tuple[Any, ...]) -> Row:
    reminder_id, title, organisation, ahead, due_at = row
    what = f"Remind of {title!r} of {organisation}"
    return Row(f"events.reminder:{reminder_id}", what, f"{ahead} before it begins: {due_at:%Y-%m-%d %H:%M} UTC")


# Of what has ended or was called off nobody is reminded: the rule gives no time, and the hint goes.
REMINDER = """
    SELECT due.id, events_reminder_due(
        events_status(e.status, clock.begins, clock.ends, %(now)s), clock.begins, due."offset") AS due_at
    FROM due JOIN events_event e ON e.id = due.event_id CROSS JOIN LATERAL (
        SELECT events_begins(e.starts_at, e.tz, e.all_day) AS begins, events_ends(e.end_date, e.tz, e.all_day) AS ends
    ) clock
"""
REMINDER_DUE = Due(
    table="events_reminder",
    subject="events.reminder",
    hint="due_at",
    waiting="t.sent_at IS NULL",
    columns='t.event_id, t."offset"',
    check=REMINDER,
    shown='t.id, e.title, o.slug, t."offset", checked.due_at',
    joins="JOIN events_event e ON e.id = t.event_id JOIN organisations_organisation o ON o.id = e.organisation_id",
    describe=describe_reminder,
    organisation="(SELECT e.organisation_id FROM events_event e WHERE e.id = t.event_id)",
)
