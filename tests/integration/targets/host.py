"""No containers: supervisord, with an embedded PostgreSQL and Redis, through the front door."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import ClassVar

import psutil

from tests.integration import clock
from tests.integration.stacks import Stack
from tests.waiting import poll


@dataclass
class Host(Stack):
    """The stack as plain processes of this machine."""

    runtime: ClassVar[str] = "host"
    lead_seconds: ClassVar[int] = 120
    # The embedded servers write plain text.
    logs_json_everywhere: ClassVar[bool] = False

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, **self.shift.environment(clock.library())}

    @contextmanager
    def running(self) -> Iterator[None]:
        try:
            self.up()
            yield
        finally:
            self.verb("destroy", YES="1")

    @property
    def outside(self) -> str:
        """An address of this machine that the stack's programs reach."""
        return "127.0.0.1"

    def restart_worker(self) -> None:
        """Kill the worker and its children; supervisord starts it again."""
        killed = kill(self._family("-A config worker"))
        psutil.wait_procs(killed, timeout=10)

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Have no worker and no beat for the block: both are killed, and supervisord is stopped from starting them."""
        supervisord = self.supervisord()
        supervisord.suspend()
        try:
            killed = kill([*self._family("-A config worker"), *self._family("-A config beat")])
            poll(lambda: all(is_over(process) for process in killed), what="worker and beat are gone")
            yield
        finally:
            supervisord.resume()

    def _family(self, words: str) -> list[psutil.Process]:
        # One that was killed before may not be there again yet.
        program = poll(lambda: self.program(words), what=words, every=0.1)
        assert program is not None
        # The main process first: it would notice the death of a child, and have its message delivered again.
        return [program, *program.children(recursive=True)]

    def program(self, words: str) -> psutil.Process | None:
        """Find a program that supervisord runs by words of its command line."""
        return next((child for child in self.supervisord().children() if words in command_of(child)), None)

    def supervisord(self) -> psutil.Process:
        """Find the stack's supervisord: the process that was given the stack's name and runs the others."""
        for process in psutil.process_iter():
            try:
                if "supervisord" in command_of(process) and process.environ().get("STACK_NAME") == self.name:
                    return process
            except psutil.Error:
                continue
        raise AssertionError(f"no supervisord of {self.name}")


def kill(processes: list[psutil.Process]) -> list[psutil.Process]:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    return processes


def command_of(process: psutil.Process) -> str:
    """Return its command line, of one that has ended nothing."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def is_over(process: psutil.Process) -> bool:
    """Tell whether it has ended, also while nobody has asked for its exit code yet."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
