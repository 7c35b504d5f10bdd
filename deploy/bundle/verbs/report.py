"""Print what the stack costs: images, memory at rest, a probe's CPU, time from `up` to healthy."""

import argparse
import os

from bundle import choice, invocation, terminal, timings


def arguments(_parser: argparse.ArgumentParser) -> None:
    """Take no argument: STACK_NAME says which stack."""


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    runtime = choice.the_running(asked)
    rows, explanation = runtime.report()
    terminal.say(terminal.table(rows))
    for sentence in [*explanation, *timings.sentences(asked.run_dir)]:
        terminal.say(sentence)
    return 0
