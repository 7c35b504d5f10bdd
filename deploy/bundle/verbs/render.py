"""Write the generated folders."""

import argparse

from bundle import render, sync
from bundle.load import load


def arguments(parser: argparse.ArgumentParser) -> None:
    """Take none: what is rendered is all in deploy/stack.toml."""


def run(args: argparse.Namespace) -> int:
    drift = sync.write(args.root, render.TARGETS, render.files(load(args.root)))
    for word, paths in (("wrote", [*drift.missing, *drift.stale]), ("removed", drift.orphan)):
        for path in paths:
            print(f"{word} {path}")
    return 0
