"""What must be true before a process starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from apps.tickets.enums import MAX_ARCHIVE_HOURS


def archive_threshold_is_sound(**_: Any) -> list[CheckMessage]:
    hours = settings.TICKET_ARCHIVE_AFTER_HOURS
    if isinstance(hours, int) and not isinstance(hours, bool) and 0 <= hours <= MAX_ARCHIVE_HOURS:
        return []
    sentence = f"TICKET_ARCHIVE_AFTER_HOURS={hours!r} is not accepted."
    return [Error(sentence, hint=f"Use a whole number of hours from 0 to {MAX_ARCHIVE_HOURS}.", id="tickets.E001")]
