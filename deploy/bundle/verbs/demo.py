"""Fill the demonstration and show each app at work: what is due and why, the run through the queue, the way back."""

import argparse
import os
from collections.abc import Sequence

from bundle import choice, invocation, terminal
from bundle.errors import BundleError
from bundle.runtimes import Runtime

SEED = ("seed_demo", "--reset")
SHOW = ("show_demo",)


def arguments(_parser: argparse.ArgumentParser) -> None:
    """Take no argument: STACK_NAME says which stack."""


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    runtime = choice.the_running(asked)
    *rows, signing_in = _answer(runtime, SEED)
    for line in rows + _answer(runtime, SHOW):
        terminal.say(line)
    terminal.say(f"\n{terminal.bold('Look for yourself')}\n{runtime.address()}/admin/\n{signing_in}")
    return 0


def _answer(runtime: Runtime, words: Sequence[str]) -> list[str]:
    result = runtime.ask(words)
    if not result.ok:
        raise BundleError(f"The demo stopped at `manage.py {' '.join(words)}`: {result.last_words}")
    return result.out.rstrip().splitlines()
