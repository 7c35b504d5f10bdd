"""Print when each schedule runs next."""

from typing import Any

from django.core.management.base import BaseCommand

from core.clock import database_now
from core.schedules.selectors import next_run_list


class Command(BaseCommand):
    help = "Print the next run of each enabled schedule, soonest first: key, time in UTC, task."

    def handle(self, *_: Any, **__: Any) -> None:
        for run in next_run_list(now=database_now()):
            self.stdout.write(f"{run.key}  {run.at:%Y-%m-%d %H:%M} UTC  {run.task}")
