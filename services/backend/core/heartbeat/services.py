"""Writes: one stamp proves beat, Redis, worker and database at once."""

import os
import time
from datetime import timedelta
from pathlib import Path

from django.db.models.functions import Now

from core.heartbeat.models import Heartbeat

# A container that was replaced leaves its row behind; nobody asks for it after a day.
FORGET_AFTER = timedelta(days=1)


def heartbeat_stamp(*, node: str, file: Path) -> None:
    """Write the database first: the file, which the health probe reads, only ever tells of a whole round trip."""
    _, created = Heartbeat.objects.update_or_create(node=node, defaults={"stamped_at": Now()})
    if created:
        Heartbeat.objects.filter(stamped_at__lt=Now() - FORGET_AFTER).delete()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    # By this process's clock, which is the probe's too; the kernel's may be another (a file on a network, a test).
    moment = time.time()
    os.utime(file, (moment, moment))
