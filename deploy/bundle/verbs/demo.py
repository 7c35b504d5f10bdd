"""Fill the demonstration and show each app at work: what is due and why, the run through the queue, the way back."""

import argparse
import os
import re
from collections.abc import Sequence

from bundle import choice, invocation, terminal
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.runtimes import Runtime

SEED = ("seed_demo", "--reset")
SHOW = ("show_demo",)
# The product knows its own commands, and not how they are typed for a stack.
MANAGE = re.compile(r"`manage\.py ([^`]+)`")


def arguments(_parser: argparse.ArgumentParser) -> None:
    """Take no argument: STACK_NAME says which stack."""


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    runtime = choice.the_running(asked)
    *rows, signing_in = _answer(runtime, SEED)
    for line in rows + _answer(runtime, SHOW):
        terminal.say(line)
    terminal.say(f"\n{terminal.bold('Look for yourself')}\n{runtime.address()}/admin/\n{_typed(asked, signing_in)}")
    return 0


def _typed(asked: Invocation, sentence: str) -> str:
    return MANAGE.sub(lambda found: "`" + asked.command("manage", f'CMD="{found[1]}"') + "`", sentence)


def _answer(runtime: Runtime, words: Sequence[str]) -> list[str]:
    result = runtime.ask(words)
    if not result.ok:
        raise BundleError(f"The demo stopped at `manage.py {' '.join(words)}`: {result.last_words}")
    return result.out.rstrip().splitlines()
