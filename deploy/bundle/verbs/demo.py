"""Fill a board, show what the next run will archive and why, run it through the queue, show what went."""

import argparse
import os

from bundle import choice, invocation, terminal
from bundle.errors import BundleError
from bundle.invocation import Invocation

STEPS = (
    ("A board with tickets of many kinds", ("seed_demo",)),
    ("What the next run will archive, and why", ("archive_done_tickets", "--dry-run")),
    ("The run, asked for through the queue", ("run_now", "archive-old-done-tickets", "--wait")),
    ("What is still due", ("archive_done_tickets", "--dry-run")),
)


def arguments(_parser: argparse.ArgumentParser) -> None:
    """Take no argument: STACK_NAME says which stack."""


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    runtime = choice.the_running(asked)
    for title, words in STEPS:
        terminal.say(f"\n{terminal.bold(title)}  (manage.py {' '.join(words)})")
        if runtime.manage(words):
            raise BundleError(f"The demo stopped at `manage.py {' '.join(words)}`: the reason stands above.")
    _sign_in(asked)
    return 0


def _sign_in(asked: Invocation) -> None:
    terminal.say("")
