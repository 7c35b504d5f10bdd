"""Words shared by models, services and the doors."""

from datetime import timedelta

from django.db.models import TextChoices

# The schedules' keys and the tasks' names: operators and log monitors know both.
END_SCHEDULE = "Mark Ended Events as Completed"
END_TASK = "events.mark_ended_events_as_completed"
ARCHIVE_SCHEDULE = "Archive Old Completed Events"
ARCHIVE_TASK = "events.archive_old_completed_events"
REMIND_SCHEDULE = "Send Event Reminder Emails"
REMIND_TASK = "events.send_event_reminder_emails"

# How long before its event a reminder may be sent.
LONGEST_AHEAD = timedelta(days=366)


class Status(TextChoices):
    DRAFT = "DRAFT"
    CONFIRMED = "CONFIRMED"
    ONGOING = "ONGOING"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


# Time alone moves an event on from these.
OPEN = (Status.CONFIRMED, Status.ONGOING)


class Kind(TextChoices):
    """What a line of an event's history says; an `edited` one leaves its times and its status alone."""

    CREATED = "created"
    EDITED = "edited"
    MOVED = "moved"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    STARTED = "started"
    COMPLETED = "completed"
    ARCHIVED = "archived"
    RESTORED = "restored"


class RegistrationState(TextChoices):
    REGISTERED = "registered"
    WITHDRAWN = "withdrawn"
