"""Remove the stack with its data and secrets, after asking."""

import argparse
import os
import shutil

from bundle import invocation, locking, terminal
from bundle.containers import engine
from bundle.containers.runtime import Containers
from bundle.errors import BundleError
from bundle.host.runtime import Host
from bundle.invocation import Invocation
from bundle.runtimes import Runtime
from bundle.swarm.runtime import Swarm


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "YES=1 answers the question."


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    with locking.held(asked.lock):
        return _destroy(asked)


def _destroy(asked: Invocation) -> int:
    found = [runtime for runtime in _candidates(asked) if runtime.exists()]
    if not found and not asked.run_dir.exists():
        terminal.say(f"There is nothing of {asked.stack} to remove.")
        return 0
    _ask(asked)
    for runtime in found:
        runtime.destroy()
    shutil.rmtree(asked.run_dir, ignore_errors=True)
    terminal.say(f"{asked.stack} is gone: its processes, data and secrets. The images stay.")
    return 0


def _candidates(asked: Invocation) -> list[Runtime]:
    absence = engine.absence(asked.environ)
    if absence:
        terminal.note(f"Volumes of {asked.stack} in Docker, if there are any, stay, because {absence}.")
        return [Host(asked)]
    return [Host(asked), Swarm(asked), Containers(asked)]


def _ask(asked: Invocation) -> None:
    if asked.yes("YES"):
        return
    question = f"This removes {asked.stack} with every board, ticket and secret of it. There is no way back."
    if not terminal.confirmed(question, asked.stack):
        raise BundleError(
            f"Nothing was removed: the name was not typed. `{asked.command('destroy', 'YES=1')}` does not ask."
        )
