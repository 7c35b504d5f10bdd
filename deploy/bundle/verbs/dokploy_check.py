"""Check deploy/dokploy before Dokploy does: it accepts much, and loses it or fails later."""

import argparse

from bundle.dokploy import checks
from bundle.dokploy.checks import submission
from bundle.errors import BundleError
from bundle.load import load


def arguments(parser: argparse.ArgumentParser) -> None:
    """Take none."""


def run(args: argparse.Namespace) -> int:
    found = checks.problems(submission.read(args.root, load(args.root)))
    if found:
        raise BundleError(*(f"{submission.FOLDER}/{sentence}" for sentence in found))
    rules = sum(len(rules) for rules in checks.ROUNDS)
    print(f"{submission.FOLDER} keeps all {rules} rules: paste import.base64.txt into Dokploy, or serve site/.")
    return 0
