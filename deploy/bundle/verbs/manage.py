"""Run a management command in the running stack: its output, its exit code, nothing else."""

import argparse
import os
import shlex

from bundle import choice, invocation, terminal
from bundle.errors import BundleError

USAGE = 2


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs=argparse.REMAINDER, help="the command; or CMD='...' in the environment")


def run(args: argparse.Namespace) -> int:
    words = args.words or split(os.environ.get("CMD", ""))
    if not words:
        terminal.note('Say which command, as in: make manage CMD="archive_done_tickets --dry-run"')
        return USAGE
    asked = invocation.read(args.root, os.environ)
    return choice.the_running(asked).manage(words)


def split(line: str) -> list[str]:
    """Split as a shell does, so that quoted arguments stay whole."""
    try:
        return shlex.split(line)
    except ValueError as error:
        raise BundleError(f"CMD={line!r} cannot be read ({error}): close every quotation mark.") from None
