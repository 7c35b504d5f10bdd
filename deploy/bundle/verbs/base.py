"""Make the base image that all others are built on."""

import argparse
import os

from bundle import invocation
from bundle.containers import images
from bundle.process import stream


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "REFRESH=1 makes it again, with the newest packages."


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    return stream(images.base_command(asked), cwd=asked.root)
