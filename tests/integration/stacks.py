"""A whole stack of its own for a test: what every target offers; tests/integration/targets says how each is started."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import httpx

from tests.integration import clock
from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[2]

Target = TypeVar("Target", bound="Stack")


@dataclass
class Stack:
    """A stack of one target, and the ways a user has of talking to it."""

    # What `make` calls it: RUNTIME=...
    runtime: ClassVar[str]
    # How long before the hour it is started: time enough to be healthy and to hold the tickets.
    lead_seconds: ClassVar[int]
    # Worker-plus-beat instances in the scenario of the hour: more than one wherever a target can scale.
    hour_workers: ClassVar[int] = 1
    # Whether every service's log is one JSON event per line; else only the product's own processes' are.
    logs_json_everywhere: ClassVar[bool] = True

    name: str = field(default_factory=lambda: f"test-{secrets.token_hex(3)}")
    port: int = field(default_factory=free_port)
    shift: clock.Shift | clock.Dial = field(default_factory=lambda: clock.Shift(0))
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
        return {**outside_environment(), **self.settings, **own}

    @property
    def secrets(self) -> dict[str, str]:
        """Return the secrets by name, but for those that an operator has yet to give."""
        files = (self.run_directory / "secrets").iterdir()
        return {path.name: value for path in files if (value := path.read_text().strip())}

    @abstractmethod
    def running(self) -> AbstractContextManager[None]:
        """Start the stack for the block, and remove what belongs to it; `started` is how tests call it."""

    def prepare(self) -> None:
        """Do what takes long and needs no shifted clock, such as building the images."""

    def verb(self, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run a verb of the front door, as a recipe of the Makefile does."""
        command = [sys.executable, "-m", "bundle", *words]
        environment = {**self.environment, **variables}
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    def down(self) -> None:
        done = self.verb("down", RUNTIME=self.runtime)
        assert done.returncode == 0, done.stdout + done.stderr

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
def started(stack: Target) -> Iterator[Target]:
    """Run the stack for the block, and leave nothing of it behind."""
    try:
        with stack.running():
            yield stack
    finally:
        shutil.rmtree(stack.run_directory, ignore_errors=True)
