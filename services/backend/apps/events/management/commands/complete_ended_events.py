"""Start and complete by hand what the five-minute run would, or only list it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.events import services
from core.clock import database_now
from core.sweep.preview import sweep_preview

LISTED = 200


class Command(BaseCommand):
    help = "Start the events that have begun and complete those that have ended."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help=f"list at most {LISTED} of them and change nothing")

    def handle(self, *_: Any, dry_run: bool, **__: Any) -> None:
        if not dry_run:
            self.stdout.write(f"Marked {services.events_move_on()} events as completed")
            return
        preview = sweep_preview(sweep=services.TRANSITION, now=database_now(), limit=LISTED)
        for row in preview.rows:
            self.stdout.write(f"{row.what}: {row.why}")
        self.stdout.write(f"{preview.count} events would be moved on now; nothing was changed.")
