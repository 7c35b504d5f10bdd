"""Show each service in one line: state, health, since when, memory."""

import argparse
import os

from bundle import choice, invocation, terminal


def arguments(_parser: argparse.ArgumentParser) -> None:
    """Take no argument: STACK_NAME says which stack."""


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    found = choice.running(asked)
    for runtime in found:
        rows = [(one.name, one.state, one.health, one.since, one.memory) for one in runtime.services()]
        terminal.say(
            terminal.table([(f"service ({runtime.title})", "state", "health", "since (UTC)", "memory"), *rows])
        )
    if not found:
        terminal.say(f"Nothing of {asked.stack} runs: start it with `{asked.command('up')}`.")
    return 0
