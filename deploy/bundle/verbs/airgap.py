"""Write one archive with which a machine without network runs the stack."""

import argparse
import os

from bundle import invocation, terminal
from bundle.airgap import checksums, write
from bundle.containers import engine
from bundle.containers.runtime import Containers
from bundle.errors import BundleError


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "TAG names the images and the archive; PROFILES and WORKERS take optional services along."


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    if absence := engine.absence(asked.environ):
        raise BundleError(f"The archive holds images, and {absence}.")
    containers = Containers(asked)
    containers.build()
    archive = write.write(asked, containers.environ)
    terminal.say(terminal.bold(f"{asked.shown(archive)}  {archive.stat().st_size / 1_000_000:.0f} MB"))
    terminal.say(f"  sha256    {checksums.digest(archive)}")
    terminal.say("  there     tar -xf the archive, and `make airgap-load` in the directory that comes out")
    return 0
