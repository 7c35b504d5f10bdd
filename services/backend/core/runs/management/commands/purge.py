"""Take back everything that waits in a queue."""

import sys
from argparse import ArgumentParser
from typing import Any

from celery import current_app
from django.core.management.base import BaseCommand, CommandError

from core.audit.services import Operator
from core.health.broker import queue_lengths
from core.health.queues import declared
from core.runs.enums import WAITING
from core.runs.errors import RunRefusedError
from core.runs.models import Run
from core.runs.services.operate import run_cancel

OPERATOR = Operator("manage.py purge")


class Command(BaseCommand):
    help = (
        "Cancel every run that waits in the queues, each on record, and destroy the queues' messages; asks first."
        " What the record does not know (a task without a row) is lost with its message."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queue", action="append", help="may be repeated; default: every declared queue")
        parser.add_argument("--dry-run", action="store_true", help="only count")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *_: Any, queue: list[str] | None, dry_run: bool, yes: bool, **__: Any) -> None:
        known = sorted(declared())
        if unknown := set(queue or []) - set(known):
            raise CommandError(f"There is no queue {min(unknown)!r}: use {', '.join(known)}.")
        queues = list(dict.fromkeys(queue or known))
        waiting = {name: Run.objects.filter(queue=name, finished_at__isnull=True, state__in=WAITING) for name in queues}
        messages = queue_lengths(queues)
        for name, runs in waiting.items():
            self.stdout.write(f"{name}: {messages[name]} messages, {runs.count()} runs wait")
        if dry_run:
            return
        if not yes:
            _ask()
        for name, runs in waiting.items():
            # The rows first: a message whose run is taken back is dropped by whoever takes it, while a run that lost
            # its message only would be sent again by beat.
            cancelled = self._cancel(list(runs))
            self.stdout.write(f"{name}: {cancelled} runs cancelled, {_empty(name)} messages removed")

    def _cancel(self, runs: list[Run]) -> int:
        done = 0
        for run in runs:
            try:
                run_cancel(run=run, operator=OPERATOR)
            except RunRefusedError:
                continue  # it started and ended meanwhile
            done += 1
        return done


def _ask() -> None:
    if not sys.stdin.isatty():
        raise CommandError("There is no terminal to ask at: nothing was changed. --yes purges without asking.")
    if input("Cancel and remove them all? Type yes: ") != "yes":
        raise CommandError("Nothing was changed.")


def _empty(queue: str) -> int:
    with current_app.connection_for_write() as broker:
        removed = broker.default_channel.queue_purge(queue)  # type: ignore[attr-defined]  # not in the stubs
        return int(removed or 0)
