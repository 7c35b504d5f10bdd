"""Write the generated folders."""

import argparse

from bundle import sync
from bundle.load import load
from bundle.render import targets


def arguments(parser: argparse.ArgumentParser) -> None:
    """Take none: what is rendered is all in deploy/stack.toml."""


def run(args: argparse.Namespace) -> int:
    drift = sync.write(args.root, targets.TARGETS, targets.files(load(args.root)))
    for word, paths in (("wrote", [*drift.missing, *drift.stale]), ("removed", drift.orphan)):
        for path in paths:
            print(f"{word} {path}")
    return 0
