"""Prove that the generated folders are what the source renders, and that the targets say the same."""

import argparse

from bundle import equivalence, sync
from bundle.errors import BundleError
from bundle.load import load
from bundle.render import targets


def arguments(parser: argparse.ArgumentParser) -> None:
    """Take none."""


def run(args: argparse.Namespace) -> int:
    stack = load(args.root)
    files = targets.files(stack)
    drift = sync.compare(args.root, targets.TARGETS, files).lines()
    differences = [f"differs: {sentence}" for sentence in equivalence.differences(stack, files)]
    if drift or differences:
        raise BundleError(*drift, *differences)
    return 0
