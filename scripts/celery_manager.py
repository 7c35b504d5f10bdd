#!/usr/bin/env python3
"""Start worker, beat or Flower, ask the workers what they do, or empty a queue.

A purge takes back everything that waits in a queue, old or new: its runs are cancelled, on record, as beat would send
their messages again; a message without a row is lost for good. It asks on a terminal, and elsewhere wants --yes.
"""

import argparse
import os

from start_celery_worker import ROOT, add_commands, process_environment  # type: ignore[import-not-found]  # it stands beside this script

BACKEND = ROOT / "services" / "backend"
QUESTIONS = {
    "active": "what the workers do now",
    "scheduled": "what they hold for later",
    "registered": "which tasks they know",
    "stats": "their processes, limits and counts",
}


def inspect(options: argparse.Namespace) -> None:
    _become("celery", "--quiet", "-A", "config", "inspect", options.question)


def purge(options: argparse.Namespace) -> None:
    given = [f"--{word}" for word, chosen in (("dry-run", options.dry_run), ("yes", options.yes)) if chosen]
    queues = [argument for queue in options.queue for argument in ("--queue", queue)]
    _become("python3", str(BACKEND / "manage.py"), "purge", *given, *queues)


def _become(program: str, *arguments: str) -> None:
    os.chdir(BACKEND)
    path = os.pathsep.join([str(BACKEND), str(ROOT / "services" / "celery")])
    os.execvpe(program, [program, *arguments], {**process_environment(), "PYTHONPATH": path})  # noqa: S606  # on purpose


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_commands(commands)
    for question, what in QUESTIONS.items():
        commands.add_parser(question, help=what).set_defaults(start=inspect, question=question)
    purging = commands.add_parser("purge", help="take back everything that waits, after asking")
    purging.add_argument("--queue", action="append", default=[], help="may be repeated; default: every queue")
    purging.add_argument("--dry-run", action="store_true", help="only count")
    purging.add_argument("--yes", action="store_true", help="do not ask")
    purging.set_defaults(start=purge)
    options = parser.parse_args()
    options.start(options)


if __name__ == "__main__":
    main()
