"""Bring .venv to a lock, if that lock has changed: host to run the stack without Docker, dev to work on it."""

import argparse
import os

from bundle import invocation, venv


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lock", choices=("host", "dev"))


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    venv.ensure(asked.root, args.lock, asked.root / ".venv")
    return 0
