"""The one-shot step of every deploy: migrate, then sync the schedules."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from core.deployment.services import deploy


class Command(BaseCommand):
    help = "Migrate under an advisory lock, sync the schedules, and let the apps follow up. Safe to run at any time."

    def handle(self, *_: Any, **__: Any) -> None:
        try:
            deploy(self.stdout.write)
        except OperationalError as error:
            raise CommandError(f"The database did not answer: {error}") from None
