#!/usr/bin/env python3
"""Start one process of the stack in the foreground, without containers: a worker of one type, beat or Flower.

The types and their queues are those of deploy/stack.toml. What the process needs beside it (SECRET_KEY, DB_PASSWORD,
REDIS_PASSWORD and the addresses) comes from the environment: docs/reference/environment.md.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "worker-"
# How `celery` ends when it does not know a command.
USAGE = 2
VENV = ROOT / ".venv" / "bin"


def types() -> dict[str, dict[str, str]]:
    """Return the environment of each type of worker, by its name."""
    services = tomllib.loads((ROOT / "deploy" / "stack.toml").read_text(encoding="utf-8"))["service"]
    named = {name.removeprefix(PREFIX): service for name, service in services.items() if name.startswith(PREFIX)}
    return {name: service["environment"] for name, service in named.items()}


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    worker = commands.add_parser("worker", help="do the work that waits in the queues")
    worker.add_argument("--worker-type", choices=sorted(types()), help="default: every queue")
    worker.add_argument("--concurrency", type=int, metavar="N", help="processes; default: the type's")
    worker.set_defaults(start=start_worker)
    commands.add_parser("beat", help="send what is due").set_defaults(start=start_beat)
    flower = commands.add_parser("flower", help="show workers, queues and tasks on a page")
    flower.add_argument("--port", type=int, default=5555)
    flower.set_defaults(start=start_flower)


def start_worker(options: argparse.Namespace) -> None:
    environment = types().get(options.worker_type, {})
    if options.concurrency:
        environment = {**environment, "CELERY_CONCURRENCY": str(options.concurrency)}
    if not options.worker_type:
        return _become("worker.sh", environment)
    # Workers of several types on one machine are told apart by name, also by their own heartbeats.
    node = os.environ.get("NODE_NAME") or f"{platform.node()}-worker-{options.worker_type}"
    return _become("worker.sh", {**environment, "NODE_NAME": node}, f"--hostname=celery@{node}")


def start_beat(_: argparse.Namespace) -> None:
    _become("beat.sh", {})


def start_flower(options: argparse.Namespace) -> None:
    environment = process_environment()
    answer = subprocess.run(["celery", "flower", "--version"], env=environment, capture_output=True, check=False)
    if answer.returncode == USAGE:
        sys.exit("Flower is not installed: `pip install -r requirements/flower.txt`, or `make up PROFILES=flower`.")
    _become("flower.sh", {}, f"--port={options.port}")


def _become(entrypoint: str, environment: dict[str, str], *arguments: str) -> None:
    """Replace this process, so that a signal reaches the one that works."""
    path = ROOT / "entrypoints" / entrypoint
    os.execve(path, [str(path), *arguments], {**process_environment(), **environment})  # noqa: S606  # on purpose


def process_environment() -> dict[str, str]:
    """Give the environment in which `celery` is found: as it is, else with the checkout's own packages."""
    paths = [os.environ.get("PATH", os.defpath), os.pathsep.join([str(VENV), os.environ.get("PATH", os.defpath)])]
    path = next((path for path in paths if shutil.which("celery", path=path)), None)
    if path is None:
        sys.exit("celery is not on PATH, and this checkout has no .venv: run `make venv`, or activate an environment.")
    return {**os.environ, "PATH": path}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_commands(parser.add_subparsers(required=True, metavar="PROCESS"))
    options = parser.parse_args()
    options.start(options)


if __name__ == "__main__":
    main()
