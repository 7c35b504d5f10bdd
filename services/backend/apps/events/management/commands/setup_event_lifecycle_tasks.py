"""Bring this app's schedules into the database: `sync_schedules` for the events alone."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.events.jobs import JOBS
from core.schedules.services import schedules_write


class Command(BaseCommand):
    help = "Write the schedules of the events' lifecycle; may be run again, and keeps what an operator changed."

    def handle(self, *_: Any, **__: Any) -> None:
        changes = schedules_write(specs=JOBS)
        for change in changes or ["The events' schedules are in sync with the code."]:
            self.stdout.write(change)
