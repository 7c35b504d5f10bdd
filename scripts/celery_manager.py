#!/usr/bin/env python3
"""Start worker, beat or Flower, ask the workers what they do, or empty a queue.

A purge takes back what waits: its runs are cancelled, on record; without that, beat would send their messages again.
It asks first. It is no remedy for old tasks: it takes everything that waits in the queue.
"""

import argparse
import os
from pathlib import Path

from start_celery_worker import ROOT, add_commands  # type: ignore[import-not-found]  # it stands beside this script

BACKEND = ROOT / "services" / "backend"


def inspect(options: argparse.Namespace) -> None:
    _become("celery", "--quiet", "-A", "config", "inspect", options.question)


def purge(options: argparse.Namespace) -> None:
    given = ["--dry-run"] if options.dry_run else []
    queues = [argument for queue in options.queue for argument in ("--queue", queue)]
    _become("python3", str(BACKEND / "manage.py"), "purge", *given, *queues)


def _become(program: str, *arguments: str) -> None:
    os.chdir(BACKEND)
    path = os.pathsep.join([str(BACKEND), str(Path(ROOT / "services" / "celery"))])
    os.execvpe(program, [program, *arguments], {**os.environ, "PYTHONPATH": path})  # noqa: S606  # on purpose


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_commands(commands)
    for question, what in (("active", "what the workers do now"), ("scheduled", "what they hold for later")):
        commands.add_parser(question, help=what).set_defaults(start=inspect, question=question)
    purging = commands.add_parser("purge", help="take back everything that waits, after asking")
    purging.add_argument("--queue", action="append", default=[], help="may be repeated; default: every queue")
    purging.add_argument("--dry-run", action="store_true", help="only count")
    purging.set_defaults(start=purge)
    options = parser.parse_args()
    options.start(options)


if __name__ == "__main__":
    main()
