"""Stop and remove the units and the code; data, settings and secrets stay unless PURGE=1."""

import argparse
import os
from dataclasses import replace
from pathlib import Path

from bundle import invocation, locking, terminal
from bundle.errors import BundleError
from bundle.systemd import machine, record, request, uninstall
from bundle.systemd.request import Request


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "PURGE=1 removes the data too, after asking; YES=1 answers the question."


def run(args: argparse.Namespace) -> int:
    asked = request.read(invocation.read(args.root, os.environ))
    machine.refuse_unfit(asked.invocation.command("systemd-uninstall"))
    with locking.held(asked.place.lock):
        return _run(asked)


def _run(asked: Request) -> int:
    before = record.load(asked.place.record)
    if before:
        asked = replace(asked, place=replace(asked.place, prefix=Path(before.prefix)), user=before.user)
    purge = asked.invocation.yes("PURGE")
    if not uninstall.there(asked):
        terminal.say(f"There is nothing of {asked.stack} to remove.")
        return 0
    if purge:
        _ask(asked)
    uninstall.run(asked, before, purge=purge)
    left = [] if purge else uninstall.remains(asked.place, before)
    terminal.say(f"{asked.stack} is uninstalled{': its data is gone too' if purge else ''}.")
    if left:
        again = asked.invocation.command("systemd-uninstall", "PURGE=1")
        terminal.say(f"What stays, for the next install: {', '.join(left)}. `{again}` removes it.")
    return 0


def _ask(asked: Request) -> None:
    if asked.invocation.yes("YES"):
        return
    question = f"This removes {asked.stack} with every board, ticket and secret of it. There is no way back."
    if not terminal.confirmed(question, asked.stack):
        again = asked.invocation.command("systemd-uninstall", "PURGE=1 YES=1")
        raise BundleError(f"Nothing was removed: the name was not typed. `{again}` does not ask.")
