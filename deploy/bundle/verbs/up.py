"""Start the stack, or bring a running one to what is asked for; then say where it is."""

import argparse
import os
import time

from bundle import choice, invocation, locking, terminal, timings
from bundle.invocation import Invocation
from bundle.runtimes import Runtime


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "RUNTIME=containers|host|swarm, OVERLAY=dev|external|official, ONLY=backend|celery, WORKERS, PROFILES,"
        " STACK_NAME, WEB_PORT, WEB_BIND, TAG are variables."
    )


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    began = time.monotonic()
    with locking.held(asked.lock):
        runtime = choice.to_start(asked)
        started = runtime.up()
        seconds = time.monotonic() - began
        timings.record(asked.run_dir, runtime.title, started, seconds)
    how = "was running and is up to date" if started.was_running else "is up"
    terminal.say(terminal.bold(f"{asked.stack} {how} ({runtime.title}, healthy after {seconds:.1f} s)"))
    _tell(asked, runtime)
    return 0


def _tell(asked: Invocation, runtime: Runtime) -> None:
    if asked.development:
        terminal.say(terminal.bold("  DEVELOPMENT: tracebacks are shown, the checkout's code runs; not for production"))
    if address := runtime.address():
        terminal.say(f"  address   {address}/admin/, API at {address}/api/v1/docs")
        superuser = asked.command("manage", 'CMD="createsuperuser"')
        terminal.say(f"  sign in   {superuser}; or {asked.command('demo')}, which makes a user and tickets to look at")
    for name, address in runtime.optional_addresses().items():
        # Such a service has one user, called as it is, and one password of its own.
        password = asked.shown(asked.secrets_dir / f"{name}_password")
        terminal.say(f"  {name:<9} {address}, user {name}, password in {password}")
    answer = runtime.ask(["next_runs"])
    lines = answer.out.strip().splitlines() if answer.ok else [f"unknown: {answer.last_words}"]
    for line in lines:
        terminal.say(f"  next run  {line}")
