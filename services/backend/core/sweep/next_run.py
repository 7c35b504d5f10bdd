"""What a schedule's next run takes, for an app's own address."""

from dataclasses import asdict
from typing import Any

from core.clock import database_now
from core.errors import RefusedError
from core.organisations.models import Organisation
from core.schedules.foresight import schedule_slots
from core.schedules.slots import INSTANT
from core.sweep.declaration import Sweep
from core.sweep.preview import sweep_preview


def next_run_preview(*, sweep: Sweep, schedule: str, organisation: Organisation, limit: int) -> dict[str, Any]:
    """Say when the next run is, and what it takes; RefusedError where none is to come."""
    slots = schedule_slots(schedule)
    at = slots.next(database_now()) if slots else None
    if at is None:
        raise RefusedError(f"The schedule {schedule} is switched off or was never synced: there is no next run.")
    # The run begins after its slot, and takes what is due at it.
    preview = sweep_preview(sweep=sweep, now=at + INSTANT, organisation=organisation, limit=limit)
    return {"at": at, **asdict(preview)}
