"""Read the log lines of the stack and say what somebody should look at; the exit code is for cron."""

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from bundle import terminal
from bundle.errors import BundleError
from bundle.logwatch import lines, report
from bundle.process import capture

CANNOT_READ = 2


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "Exit code: 0 nothing, 1 something to look at, 2 the lines could not be read."
    parser.add_argument("--since", default=os.environ.get("SINCE") or "1h", help="30m, 2h, 1d, or a time in UTC")
    parser.add_argument("--file", default="", help="read this instead of the running stack; - is the standard input")
    parser.add_argument("--chore", default=report.CHORE, help="the schedule that must have run")
    parser.add_argument("--every", default="1h", help="how often it is due")
    parser.add_argument("--errors", type=int, default=10, help="lines of level error that are too many")


def run(args: argparse.Namespace) -> int:
    try:
        now = datetime.now(UTC)
        since = lines.moment(args.since, now)
        wanted = report.Wanted(args.chore, lines.seconds(args.every), args.errors)
        text = _text(args)
    except (OSError, BundleError, ValueError) as error:
        terminal.note(str(error))
        return CANNOT_READ
    read = lines.read(text.splitlines(), since)
    if not read.events:
        terminal.note(f"No event since {since:%Y-%m-%d %H:%M:%S} UTC in {read.total} lines: is this the right log?")
        return CANNOT_READ
    said = report.findings(read.events, since, now, wanted)
    for sentence in said or [f"Nothing to look at in {len(read.events)} events."]:
        terminal.say(sentence)
    return 1 if said else 0


def _text(args: argparse.Namespace) -> str:
    if args.file == "-":
        return sys.stdin.read()
    if args.file:
        return Path(args.file).read_text(encoding="utf-8", errors="replace")
    # `logs` becomes another program, so it is run as one.
    command = [sys.executable, "-m", "bundle", "logs"]
    result = capture(command, env={**os.environ, "FOLLOW": "0"}, cwd=args.root)
    if not result.ok:
        raise BundleError(result.last_words)
    # Under Compose some programs write to the standard error.
    return f"{result.out}\n{result.err}"
