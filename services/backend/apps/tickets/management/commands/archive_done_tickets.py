"""Archive by hand what the hourly run would, or only list it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.tickets import services
from apps.tickets.archive_rule import Candidate
from apps.tickets.selectors import archive_candidate_list
from core.clock import database_now

ROW = "{:<8}{:<46.45}{:<32.31}{:<18}{}"


class Command(BaseCommand):
    help = "Archive the tickets that have stayed in a Done column for longer than their board allows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="list the tickets and change nothing")

    def handle(self, *_: Any, dry_run: bool, **__: Any) -> None:
        if dry_run:
            self._list()
        else:
            self._archive()

    def _list(self) -> None:
        count = 0
        for count, candidate in enumerate(archive_candidate_list(at=database_now()), start=1):
            if count == 1:
                self.stdout.write(ROW.format("TICKET", "TITLE", "BOARD", "DUE SINCE (UTC)", "WHY"))
            self.stdout.write(_row(candidate))
        self.stdout.write(f"{count} tickets would be archived now; nothing was changed.")

    def _archive(self) -> None:
        outcome = services.tickets_archive_due()
        self.stdout.write(
            f"Archived {outcome.archived} tickets ({outcome.examined} examined, {outcome.failed} failed)."
        )
        if outcome.failed:
            raise CommandError("The log names the tickets that failed and why; they are tried again in an hour.")


def _row(candidate: Candidate) -> str:
    board = f"{candidate.organisation} / {candidate.board}"
    return ROW.format(
        f"#{candidate.number}", candidate.title, board, f"{candidate.due_at:%Y-%m-%d %H:%M}", candidate.why
    )
