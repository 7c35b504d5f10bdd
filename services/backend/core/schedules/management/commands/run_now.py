"""Ask the worker to run a schedule's task now, through the queue."""

import json
from argparse import ArgumentParser
from typing import Any

from celery import current_app
from celery.exceptions import TimeoutError as ResultTimeoutError
from django.core.management.base import BaseCommand, CommandError
from django_celery_beat.models import PeriodicTask


class Command(BaseCommand):
    help = "Send a schedule's task to the queue now and print its id; with --wait, also its result as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", help="the schedule's key, as `next_runs` prints it")
        parser.add_argument("--wait", action="store_true", help="wait for the worker and print the result")
        parser.add_argument("--timeout", type=float, default=60, metavar="SECONDS")

    def handle(self, *_: Any, key: str, wait: bool, timeout: float, **__: Any) -> None:
        task = PeriodicTask.objects.filter(name=key).first()
        if task is None:
            known = ", ".join(PeriodicTask.objects.values_list("name", flat=True)) or "none; run sync_schedules"
            raise CommandError(f"There is no schedule {key!r}; known: {known}.")
        sent = current_app.send_task(
            task.task,
            args=json.loads(task.args),
            kwargs=json.loads(task.kwargs),
            queue=task.queue,
            # As beat does: the result is found under the schedule's name.
            headers={"periodic_task_name": task.name},
        )
        self.stdout.write(sent.id)
        if wait:
            self._report(sent, timeout)

    def _report(self, sent: Any, timeout: float) -> None:
        try:
            self.stdout.write(json.dumps(sent.get(timeout=timeout)))
        except ResultTimeoutError:
            raise CommandError(f"No result after {timeout:g} s: does a worker run? The task stays queued.") from None
