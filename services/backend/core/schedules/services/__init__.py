"""Writes: everything that changes a schedule."""

from core.schedules.services.edit import schedule_edit
from core.schedules.services.operate import schedule_disable, schedule_enable, schedule_run_now, schedule_snooze
from core.schedules.services.sync import schedules_prune, schedules_sync, schedules_write
from core.schedules.slots import crontab_fields

__all__ = [
    "crontab_fields",
    "schedule_disable",
    "schedule_edit",
    "schedule_enable",
    "schedule_run_now",
    "schedule_snooze",
    "schedules_prune",
    "schedules_sync",
    "schedules_write",
]
