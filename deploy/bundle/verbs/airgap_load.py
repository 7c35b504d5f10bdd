"""Load the images of an archive and start the stack from them; nothing is fetched."""

import argparse
import os

from bundle import invocation
from bundle.airgap import load
from bundle.containers import engine
from bundle.containers.runtime import Containers
from bundle.errors import BundleError
from bundle.verbs import up


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "ARCHIVE names an archive that is not unpacked yet; unset: the newest in dist/."


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    if absence := engine.absence(asked.environ):
        raise BundleError(f"The archive holds images for an engine, and {absence}.")
    if not load.unpacked(args.root):
        load.go_on_in(asked, asked.environ.get("ARCHIVE", ""))
    load.load(asked, Containers(asked).environ)
    return up.run(args)
