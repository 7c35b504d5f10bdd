"""Bring the images to a registry, from where every node of a swarm, or Dokploy, can pull this release."""

import argparse
import os

from bundle import invocation, terminal
from bundle.containers import engine
from bundle.errors import BundleError
from bundle.swarm import images


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "REGISTRY says where to, TAG names the release, WORKERS and PROFILES add optional images."


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    if not images.from_registry(asked):
        where = asked.command("push", "REGISTRY=registry.example.org/team TAG=2026-11")
        raise BundleError(f"REGISTRY says which registry the images go to, as in `{where}`.")
    if absence := engine.absence(asked.environ):
        raise BundleError(f"Images need a Docker engine, and {absence}.")
    for name in images.push(asked):
        terminal.say(f"pushed {name}")
    return 0
