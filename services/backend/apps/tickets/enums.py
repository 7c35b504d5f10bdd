"""Words and numbers shared by models, services and the doors."""

from django.db.models import TextChoices

# The key of the schedule and the name of the task that archive old tickets: operators and log monitors know both.
ARCHIVE_SCHEDULE = "archive-old-done-tickets"
ARCHIVE_TASK = "tickets.tasks.archive_old_done_tickets"

# A hundred years: the largest threshold whose due time every part of the system can still write down.
MAX_ARCHIVE_HOURS = 876_000


class Priority(TextChoices):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class EventKind(TextChoices):
    CREATED = "created"
    EDITED = "edited"
    MOVED = "moved"
    PINNED = "pinned"
    UNPINNED = "unpinned"
    ARCHIVED = "archived"
    RESTORED = "restored"
