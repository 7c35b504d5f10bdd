"""Writes: one stamp proves beat, Redis, worker and database at once."""

import os
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db.models.functions import Now

from core.heartbeat.models import Heartbeat

# A node that was killed and never came back leaves its row behind; nobody asks for it after a day.
FORGET_AFTER = timedelta(days=1)


def heartbeat_stamp(*, node: str, file: Path, worker: Mapping[str, Any] | None = None) -> None:
    """Write the database first: the file, which the health probe reads, only ever tells of a whole round trip.

    `worker`: what the node's worker says of itself (core.heartbeat.worker).
    """
    fields = {"stamped_at": Now(), **(worker or {})}
    if not Heartbeat.objects.filter(node=node).update(**fields):
        Heartbeat.objects.update_or_create(node=node, defaults=fields)
        Heartbeat.objects.filter(stamped_at__lt=Now() - FORGET_AFTER).delete()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    # By this process's clock, which is the probe's too; the kernel's may be another (a file on a network, a test).
    moment = time.time()
    os.utime(file, (moment, moment))


def heartbeat_leave(*, node: str) -> None:
    """Forget a node whose worker was told to stop: nobody is to wait for its next stamp."""
    Heartbeat.objects.filter(node=node).delete()
