"""Bring .venv to a lock, if it has changed: host to run without Docker, dokploy to deploy there, dev to work on it."""

import argparse

from bundle import venv


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lock", choices=("host", "dokploy", "dev"))


def run(args: argparse.Namespace) -> int:
    venv.ensure(args.root, args.lock, args.root / ".venv")
    return 0
