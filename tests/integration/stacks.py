"""A whole stack of its own for a test: started through the front door or by testcontainers, removed afterwards."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import httpx
import yaml
from testcontainers.compose import DockerCompose

from bundle.containers import engine
from tests.integration import clock

ROOT = Path(__file__).resolve().parents[2]
COMPOSE_DIRECTORY = ROOT / "deploy" / "compose"
PRELOADED = Path("/opt/libfaketime.so.1")

Answer = TypeVar("Answer")


def poll(ask: Callable[[], Answer], *, what: str, seconds: float = 60, every: float = 0.5) -> Answer:
    """Ask until the answer is true, and return it; fail with the last one when the time is up."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:g} s; last answer {answer!r}")
        time.sleep(every)
    return answer


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Stack:
    """A running stack, and the ways a user has of talking to it."""

    runtime: str
    name: str = field(default_factory=lambda: f"test-{secrets.token_hex(3)}")
    port: int = field(default_factory=free_port)
    shift: clock.Shift = field(default_factory=lambda: clock.Shift(0))
    settings: dict[str, str] = field(default_factory=dict)
    workers: int = 1

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def run_directory(self) -> Path:
        return ROOT / ".run" / self.name

    @property
    def environment(self) -> dict[str, str]:
        own = {"STACK_NAME": self.name, "WEB_PORT": str(self.port), "PYTHONPATH": "deploy"}
        shifted = self.shift.environment(clock.library()) if self.shift.seconds and self.runtime == "host" else {}
        return {**outside_environment(), **self.settings, **own, **shifted}

    def verb(self, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run a verb of the front door, as a recipe of the Makefile does."""
        command = [sys.executable, "-m", "bundle", *words]
        environment = {**self.environment, **variables}
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    def up(self) -> str:
        done = self.verb("up", RUNTIME=self.runtime)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def manage(self, *words: str) -> str:
        """Run a management command in the stack and return what it printed."""
        done = self.verb("manage", *words)
        assert done.returncode == 0, f"manage {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def python(self, code: str) -> str:
        """Run code in the stack's Django shell and return what it printed."""
        return self.manage("shell", "--no-imports", "--verbosity", "0", "-c", code)

    def logs(self, service: str = "") -> list[dict[str, Any]]:
        """Return the log so far; every line must be one JSON event."""
        return [json.loads(line) for line in self.log_lines(service)]

    def log_lines(self, service: str = "") -> list[str]:
        return self.verb("logs", SERVICE=service, FOLLOW="0").stdout.splitlines()

    def events(self, service: str = "") -> list[str]:
        return [line["event"] for line in self.logs(service)]

    def client(self, *, organisation: str, role: str = "owner") -> httpx.Client:
        """Return an API client that is signed in with a token of its own."""
        token = self.manage("create_token", "--organisation", organisation, "--role", role).strip()
        return httpx.Client(base_url=f"{self.address}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30)


def outside_environment() -> dict[str, str]:
    """Return this process's environment without what pytest's own servers put there."""
    own = ("SECRET_KEY", "DB_", "REDIS_", "HEARTBEAT_", "NODE_NAME", "LOG_", "DJANGO_")
    return {name: value for name, value in os.environ.items() if not name.startswith(own)}


@contextmanager
def started(stack: Stack) -> Iterator[Stack]:
    """Run the stack for the block, and leave nothing of it behind."""
    start = containers if stack.runtime == "containers" else host
    try:
        with start(stack):
            yield stack
    finally:
        shutil.rmtree(stack.run_directory, ignore_errors=True)


@contextmanager
def host(stack: Stack) -> Iterator[None]:
    try:
        stack.up()
        yield
    finally:
        stack.verb("destroy", YES="1")


@contextmanager
def containers(stack: Stack) -> Iterator[None]:
    """Run our own images by testcontainers, from the rendered file and an overlay that says only what differs."""
    for verb in ("secrets", "images"):
        done = stack.verb(verb)
        assert done.returncode == 0, done.stdout + done.stderr
    with tempfile.TemporaryDirectory() as directory, patch.dict(os.environ, compose_environment(stack), clear=True):
        files = [str(COMPOSE_DIRECTORY / "compose.yaml"), str(write_overlay(stack, Path(directory)))]
        compose_on_path(Path(directory))
        with DockerCompose(str(COMPOSE_DIRECTORY), compose_file_name=files, wait=True):
            yield


def compose_environment(stack: Stack) -> dict[str, str]:
    own = {"SECRETS_DIR": str(stack.run_directory / "secrets"), "COMPOSE_PROJECT_NAME": stack.name}
    return {**stack.environment, **own, "DOCKER_BUILDKIT": "1"}


def write_overlay(stack: Stack, directory: Path) -> Path:
    """Write the difference to the rendered file: more workers, and the clock of every service that reads it.

    Redis is left alone: no message waits for a time there, and its allocator (jemalloc) cannot start under libfaketime.
    """
    environment = stack.shift.environment(PRELOADED)
    shifted = (
        {"environment": environment, "volumes": [f"{clock.library()}:{PRELOADED}:ro"]} if stack.shift.seconds else {}
    )
    services = {name: dict(shifted) for name in ("db", "migrate", "backend", "celery")}
    services["celery"]["scale"] = stack.workers
    path = directory / "overlay.yaml"
    path.write_text(yaml.safe_dump({"services": services}), encoding="utf-8")
    return path


def compose_on_path(directory: Path) -> None:
    """Make `docker compose` the Compose v2 that the product itself would use (testcontainers calls that name)."""
    program = engine.compose(ROOT, os.environ)
    if program == ("docker", "compose"):
        return
    plugins = directory / "docker" / "cli-plugins"
    plugins.mkdir(parents=True)
    (plugins / "docker-compose").symlink_to(program[0])
    os.environ["DOCKER_CONFIG"] = str(directory / "docker")
