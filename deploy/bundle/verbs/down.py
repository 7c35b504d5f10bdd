"""Stop the stack, in whichever runtime it runs; data and secrets stay."""

import argparse
import os

from bundle import choice, invocation, locking, terminal


def arguments(_parser: argparse.ArgumentParser) -> None:
    """Take no argument: STACK_NAME says which stack."""


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    with locking.held(asked.lock):
        found = [runtime for runtime in choice.running(asked) if asked.runtime in ("", runtime.title)]
        for runtime in found:
            runtime.down()
            terminal.say(f"{asked.stack} is down ({runtime.title}); its data is kept.")
    if not found:
        where = f" in the runtime {asked.runtime!r}" if asked.runtime else ""
        terminal.say(f"Nothing of {asked.stack} runs{where}.")
    return 0
