"""Take back everything that waits in a queue."""

from argparse import ArgumentParser
from typing import Any

from celery import current_app
from django.core.management.base import BaseCommand, CommandError

from core.audit.services import Operator
from core.runs.enums import WAITING
from core.runs.errors import RunRefusedError
from core.runs.models import Run
from core.runs.services.operate import run_cancel

OPERATOR = Operator("manage.py purge")


class Command(BaseCommand):
    help = "Cancel every run that waits in the queues, and remove their messages; asks first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queue", action="append", help="may be repeated; default: every declared queue")
        parser.add_argument("--dry-run", action="store_true", help="only count")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *_: Any, queue: list[str] | None, dry_run: bool, yes: bool, **__: Any) -> None:
        declared = sorted(current_app.amqp.queues)
        if unknown := set(queue or []) - set(declared):
            raise CommandError(f"There is no queue {min(unknown)!r}: use {', '.join(declared)}.")
        queues = queue or declared
        waiting = {name: Run.objects.filter(queue=name, finished_at__isnull=True, state__in=WAITING) for name in queues}
        for name, runs in waiting.items():
            self.stdout.write(f"{name}: {runs.count()} runs wait")
        if dry_run:
            return
        if not yes and input("Cancel them all? Type yes: ") != "yes":
            raise CommandError("Nothing was changed.")
        for name, runs in waiting.items():
            self.stdout.write(f"{name}: {self._cancel(list(runs))} cancelled, {_empty(name)} messages removed")

    def _cancel(self, runs: list[Run]) -> int:
        done = 0
        for run in runs:
            try:
                run_cancel(run=run, operator=OPERATOR)
            except RunRefusedError:
                continue  # it started and ended meanwhile
            done += 1
        return done


def _empty(queue: str) -> int:
    with current_app.connection_for_write() as broker:
        removed = broker.default_channel.queue_purge(queue)  # type: ignore[attr-defined]  # not in the stubs
        return int(removed or 0)
