"""Fill a board, show what the next run will archive and why, run it through the queue, show what went."""

import argparse
import os
from collections.abc import Sequence

from bundle import choice, invocation, terminal
from bundle.errors import BundleError
from bundle.runtimes import Runtime

SEED = ("seed_demo", "--reset")
DRY_RUN = ("archive_done_tickets", "--dry-run")
RUN = ("run_now", "archive-old-done-tickets", "--wait")


def arguments(_parser: argparse.ArgumentParser) -> None:
    """Take no argument: STACK_NAME says which stack."""


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    runtime = choice.the_running(asked)
    seeded = _shown(runtime, "Boards with tickets of many kinds", SEED)
    before = _shown(runtime, "What the next run will archive, and why", DRY_RUN)
    _shown(runtime, "The run, asked for through the queue: the task's id and its result", RUN)
    _title("What went")
    for row in gone(before, _answer(runtime, DRY_RUN)):
        terminal.say(row)
    _title("Look for yourself")
    terminal.say(f"{runtime.address()}/admin/\n{seeded[-1]}")
    return 0


def gone(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Keep what was due before the run and is no longer due after it: the first line is the heading, the last a sum."""
    rows = [row for row in before[1:-1] if row not in after]
    return [before[0], *rows] if rows else ["nothing: no ticket was due"]


def _shown(runtime: Runtime, title: str, words: Sequence[str]) -> list[str]:
    _title(f"{title}  (manage.py {' '.join(words)})")
    lines = _answer(runtime, words)
    terminal.say("\n".join(lines))
    return lines


def _title(text: str) -> None:
    terminal.say(f"\n{terminal.bold(text)}")


def _answer(runtime: Runtime, words: Sequence[str]) -> list[str]:
    result = runtime.ask(words)
    if not result.ok:
        raise BundleError(f"The demo stopped at `manage.py {' '.join(words)}`: {result.last_words}")
    return result.out.strip().splitlines() or [""]
