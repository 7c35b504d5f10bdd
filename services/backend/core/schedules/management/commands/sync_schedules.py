"""Bring the declared jobs into the database; operators' edits stay, orphans are disabled and marked."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from core.audit.services import Operator
from core.clock import database_now
from core.schedules.jobs import declared_jobs, jobs_off
from core.schedules.services import schedules_prune, schedules_sync


class Command(BaseCommand):
    help = "Write the schedules that the code declares; keep what an operator changed, disable what the code dropped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when something would change")
        parser.add_argument(
            "--prune", action="store_true", help="delete the schedules that the code dropped; their runs stay"
        )

    def handle(self, *_: Any, check: bool, prune: bool, **__: Any) -> None:
        with transaction.atomic():
            changes = schedules_sync(specs=declared_jobs(), off=jobs_off(), now=database_now())
            if prune:
                changes += schedules_prune(operator=Operator(name="manage.py sync_schedules"))
            transaction.set_rollback(check)
        for change in changes:
            self.stdout.write(change)
        if not changes:
            self.stdout.write("The schedules are in sync with the code.")
        if check and changes:
            again = "sync_schedules --prune" if prune else "sync_schedules"
            raise CommandError(f"The database's schedules differ from the code's: run `manage.py {again}`.")
