"""Build the images, when what they are made of has changed."""

import argparse
import os

from bundle import invocation, terminal
from bundle.containers import engine
from bundle.containers.runtime import Containers
from bundle.errors import BundleError


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "TAG names the result."


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    if absence := engine.absence(asked.environ):
        raise BundleError(f"Images need a Docker engine, and {absence}.")
    built = Containers(asked).build()
    terminal.say("The images are built." if built else "The images are what the sources say; nothing was built.")
    return 0
