"""The one-shot step of every deploy: migrate, then sync the schedules."""

import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from core.deployment.services import deploy

logger = logging.getLogger("deskbeat.deploy")


class Command(BaseCommand):
    help = "Migrate under an advisory lock, sync the schedules, and let the apps follow up. Safe to run at any time."

    def handle(self, *_: Any, **__: Any) -> None:
        try:
            deploy(logger.info)
        except OperationalError as error:
            raise CommandError(f"The database did not answer: {error}") from None
