"""Ask the worker to run a schedule's task now, through the queue."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.schedules.terminal import run_now


class Command(BaseCommand):
    help = "Send a schedule's task to the queue now and print its id; with --wait, also its result as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", help="the schedule's key, as `next_runs` prints it")
        parser.add_argument("--wait", action="store_true", help="wait for the worker and print the result")
        parser.add_argument("--timeout", type=float, default=60, metavar="SECONDS")

    def handle(self, *_: Any, key: str, wait: bool, timeout: float, **__: Any) -> None:
        for line in run_now(key, operator="manage.py run_now", wait_seconds=timeout if wait else None):
            self.stdout.write(line)
