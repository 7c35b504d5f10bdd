"""Writes: everything that changes an event, its registrations and its reminders. Transactions live here."""

from apps.events.services.events import event_cancel, event_create, event_delete, event_edit, event_publish
from apps.events.services.lifecycle import ARCHIVE, TRANSITION, events_archive, events_move_on
from apps.events.services.registrations import registration_add, registration_withdraw
from apps.events.services.reminders import REMIND, letter_for, reminder_add, reminder_remove, reminders_send

__all__ = [
    "ARCHIVE",
    "REMIND",
    "TRANSITION",
    "event_cancel",
    "event_create",
    "event_delete",
    "event_edit",
    "event_publish",
    "events_archive",
    "events_move_on",
    "letter_for",
    "registration_add",
    "registration_withdraw",
    "reminder_add",
    "reminder_remove",
    "reminders_send",
]
