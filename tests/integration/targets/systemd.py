"""A Debian machine without containers: installed by the script, run by systemd, with Debian's PostgreSQL and Redis."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar

from tests.integration.clock import Shift
from tests.integration.stacks import Stack
from tests.integration.systemd import machine
from tests.integration.systemd.machine import Machine

UNITS = {"backend": ("web",), "celery": ("worker-1", "worker-2", "beat"), "migrate": ("migrate",)}
HOUR = 3600


@dataclass
class Systemd(Stack):
    """The stack as units of a machine that systemd has booted."""

    runtime: ClassVar[str] = "systemd"
    lead_seconds: ClassVar[int] = 300
    hour_workers: ClassVar[int] = 2
    # Debian's servers write plain text.
    logs_json_everywhere: ClassVar[bool] = False

    machine: Machine = field(init=False)

    def __post_init__(self) -> None:
        self.machine = Machine(name=f"{self.name}-machine", port=self.port)

    def prepare(self) -> None:
        machine.build()

    @contextmanager
    def running(self) -> Iterator[None]:
        # Forward only: the installer, whose clock is the true one, waits for heartbeats younger than its start.
        self.shift = Shift(self.shift.seconds % HOUR)
        with machine.booted(self.machine) as host:
            host.shift(self.shift, self.name)
            host.install(self.name, WORKERS=str(self.workers), **self.settings)
            yield

    def up(self) -> str:
        return self.machine.run(f"systemctl start {self.name}.target").stdout

    def down(self) -> None:
        self.machine.run(f"systemctl stop {self.name}.target")

    def manage(self, *words: str) -> str:
        return self.machine.run(shlex.join([f"{self.name}-manage", *words])).stdout

    def log_lines(self, service: str = "") -> list[str]:
        """Return what the processes said; systemd's own lines about them have another identifier."""
        units = UNITS[service] if service else [unit for names in UNITS.values() for unit in names]
        asked = " ".join(f"--identifier={self.name}-{unit}" for unit in units)
        return self.machine.run(f"journalctl --no-pager --output=cat {asked}").stdout.splitlines()
