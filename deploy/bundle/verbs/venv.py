"""Bring .venv to a lock, if that lock has changed: host to run the stack without Docker, dev to work on it."""

import argparse

from bundle import venv


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lock", choices=("host", "dev"))


def run(args: argparse.Namespace) -> int:
    venv.ensure(args.root, args.lock, args.root / ".venv")
    return 0
