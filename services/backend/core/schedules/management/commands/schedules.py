"""Show the schedules, switch one on or off, or run one now."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.audit.services import Operator
from core.clock import database_now
from core.schedules.errors import ScheduleRefusedError
from core.schedules.services import schedule_disable, schedule_enable
from core.schedules.table import ROWS, laid_out, schedule_lines
from core.schedules.terminal import run_now, task_by_key

OPERATOR = "manage.py schedules"


class Command(BaseCommand):
    help = "List the schedules: when each runs, when it did and how that ended; or act on one, on record in the audit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the list as JSON")
        action = parser.add_mutually_exclusive_group()
        action.add_argument("--enable", metavar="KEY", help="let it fire from its next slot on")
        action.add_argument("--disable", metavar="KEY", help="stop it from firing, also over deploys")
        action.add_argument("--run-now", metavar="KEY", help="ask for a run beside its slots, and print the run's id")
        parser.add_argument("--wait", type=float, metavar="SECONDS", help="with --run-now: wait for its result")

    def handle(self, *_: Any, **options: Any) -> None:
        for line in self._lines(**options):
            self.stdout.write(line)

    def _lines(self, *, enable: str, disable: str, run_now: str, wait: float | None, **options: Any) -> list[str]:
        if enable or disable:
            return [self._switch(enable or disable, enabled=bool(enable))]
        if run_now:
            return list(self._run(run_now, wait))
        lines = schedule_lines(now=database_now())
        if options["json"]:
            return [json.dumps([line.as_json() for line in lines])]
        return laid_out([ROWS, *(line.cells() for line in lines)])

    def _run(self, key: str, wait: float | None) -> Any:
        return run_now(key, operator=OPERATOR, wait_seconds=wait)

    def _switch(self, key: str, *, enabled: bool) -> str:
        service = schedule_enable if enabled else schedule_disable
        try:
            service(task=task_by_key(key), operator=Operator(name=OPERATOR))
        except ScheduleRefusedError as error:
            raise CommandError(str(error)) from None
        return f"{key}: {'enabled' if enabled else 'disabled'}"
