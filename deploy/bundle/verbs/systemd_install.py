"""Install the stack as systemd units of this Debian machine, upgrade it, or stage its tree (DESTDIR)."""

import argparse
import os
import time

from bundle import invocation, locking, terminal
from bundle.systemd import install, machine, request, stage
from bundle.systemd.install import Installation
from bundle.systemd.request import Request


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "STACK_NAME, PREFIX, SERVICE_USER, WORKERS, WEB_PORT, WEB_BIND, DESTDIR, RELEASE and the addresses of existing"
        " servers (DATABASE_URL, DB_HOST, REDIS_URL, REDIS_HOST) are variables."
    )


def run(args: argparse.Namespace) -> int:
    wanted = request.read(invocation.read(args.root, os.environ))
    if wanted.place.staged:
        return _stage(wanted)
    machine.refuse_unfit(wanted.invocation.command("systemd-install"))
    began = time.monotonic()
    with locking.held(wanted.place.lock):
        work = install.planned(wanted)
        if not work.up_to_date:
            install.run(work)
            terminal.say(terminal.bold(f"{_title(work)} ({time.monotonic() - began:.0f} s)"))
        else:
            terminal.say(f"{wanted.stack} is installed as release {work.wanted.release}, healthy: nothing to do.")
    _tell(work)
    return 0


def _stage(wanted: Request) -> int:
    made = stage.run(wanted)
    terminal.say(
        f"Release {made.release} is staged below {wanted.place.root} ({made.files} files); nothing was started."
    )
    terminal.say("On the machine that gets the tree, the same command without DESTDIR makes user, secrets and servers.")
    return 0


def _title(work: Installation) -> str:
    how = f"was upgraded from {work.old.release} to" if work.old else "is installed as"
    if work.old and work.old.release == work.wanted.release:
        how = "took its settings into use; it is"
    return f"{work.request.stack} {how} release {work.wanted.release}, healthy"


def _tell(work: Installation) -> None:
    stack, place = work.request.stack, work.request.place
    rows = {
        "address": f"{work.wanted.address}/admin/, API at {work.wanted.address}/api/v1/docs",
        "sign in": f"{place.manage.name} createsuperuser",
        "next run": f"{place.manage.name} next_runs",
        "state": f"systemctl status '{stack}*'",
        "log": f"journalctl --follow --output=cat --unit='{stack}-*'",
        "settings": f"{place.settings}; after an edit this command again, which proves it first",
    }
    for name, words in rows.items():
        terminal.say(f"  {name:<9} {words}")
