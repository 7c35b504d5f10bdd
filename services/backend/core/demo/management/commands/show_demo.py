"""Show each app that is installed at work: what is due and why, the run, and the undo."""

from typing import Any

from django.core.management.base import BaseCommand

from core.demo.declaration import demos
from core.demo.showing import shown


class Command(BaseCommand):
    help = "Run the chore of each demonstration through the queue, and take back what it did; a worker must run."

    def handle(self, *_: Any, **__: Any) -> None:
        for demo in demos():
            for line in shown(demo):
                self.stdout.write(line)
                self.stdout.flush()
