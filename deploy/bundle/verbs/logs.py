"""Follow the log lines of the stack: laid out on a terminal, elsewhere as they are, one JSON document each."""

import argparse
import os

from bundle import choice, invocation


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "SERVICE=celery shows one service; FOLLOW=0 prints what there is and ends."


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    follow = asked.yes("FOLLOW")
    return choice.the_running(asked).logs(asked.environ.get("SERVICE", ""), follow=follow)
