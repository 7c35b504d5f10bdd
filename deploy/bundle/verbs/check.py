"""Prove that the generated folders are what the source renders."""

import argparse

from bundle import render, sync
from bundle.errors import BundleError
from bundle.load import load


def arguments(parser: argparse.ArgumentParser) -> None:
    """Take none."""


def run(args: argparse.Namespace) -> int:
    drift = sync.compare(args.root, render.TARGETS, render.files(load(args.root)))
    if drift.lines():
        raise BundleError(*drift.lines())
    return 0
