"""Fill the demonstration and show each app at work: what is due and why, the run through the queue, the way back."""

import argparse
import os

from bundle import choice, invocation, terminal
from bundle.errors import BundleError

SEED = ("seed_demo", "--reset")
SHOW = ("show_demo",)


def arguments(_parser: argparse.ArgumentParser) -> None:
    """Take no argument: STACK_NAME says which stack."""


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    runtime = choice.the_running(asked)
    seeded = runtime.ask(SEED)
    if not seeded.ok:
        raise BundleError(f"The demo stopped at `manage.py {' '.join(SEED)}`: {seeded.last_words}")
    *rows, signing_in = seeded.out.strip().splitlines()
    terminal.say("\n".join(rows))
    code = runtime.manage(SHOW)
    if code == 0:
        terminal.say(f"\n{terminal.bold('Look for yourself')}\n{runtime.address()}/admin/\n{signing_in}")
    return code
