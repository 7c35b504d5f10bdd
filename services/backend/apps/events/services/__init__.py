"""Writes: everything that changes an event, its registrations and its reminders. Transactions live here."""

from apps.events.services.lifecycle import ARCHIVE, TRANSITION, events_archive, events_move_on

__all__ = ["ARCHIVE", "TRANSITION", "events_archive", "events_move_on"]
