"""Generate the secrets that are missing; never overwrite one, never show one."""

import argparse
import os

from bundle import choice, invocation, locking, secrets, terminal


def arguments(_parser: argparse.ArgumentParser) -> None:
    """Take no argument: STACK_NAME says which stack."""


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    with locking.held(asked.lock):
        secrets.refuse_lost(asked, data=choice.data(asked))
        made = secrets.generate(asked)
    where = asked.shown(asked.secrets_dir)
    terminal.say(
        f"Generated in {where}/: {', '.join(made)}" if made else f"All secrets are there already, in {where}/."
    )
    return 0
