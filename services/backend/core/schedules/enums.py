"""Words of a schedule."""

from django.db.models import TextChoices


class CatchUp(TextChoices):
    """What becomes of slots at which no beat ran. Each is on record as missed unless it is caught up."""

    SKIP = "skip"  # nothing: the next slot will do
    ONCE = "once"  # the newest of them runs late
    ALL = "all"  # each of them runs late, the oldest first
