"""What every verb may ask of a runtime; `containers` and `host` answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bundle.process import Result

# Wherever the code lies: the checkout, or code_path of the images.
MANAGE = "services/backend/manage.py"


@dataclass(frozen=True)
class ServiceState:
    """One line of `make status`."""

    name: str
    state: str
    health: str
    since: str
    memory_bytes: int | None = None

    @property
    def memory(self) -> str:
        return f"{self.memory_bytes / 1_000_000:.0f} MB" if self.memory_bytes else "-"


@dataclass(frozen=True)
class Started:
    """How a start went. `cold`: something had to be built or installed first."""

    cold: bool
    was_running: bool


# The rows of a table, the first being its heading, and sentences that explain the numbers.
Report = tuple[list[tuple[str, ...]], list[str]]


class Runtime(Protocol):
    """One stack in one runtime."""

    @property
    def title(self) -> str: ...

    def running(self) -> bool: ...

    def exists(self) -> bool: ...

    def up(self) -> Started: ...

    def down(self) -> None: ...

    def destroy(self) -> None: ...

    def logs(self, service: str, *, follow: bool) -> int: ...

    def manage(self, words: Sequence[str]) -> int: ...

    def ask(self, words: Sequence[str]) -> Result: ...

    def address(self) -> str:
        """Give the web's address, or nothing when no web runs."""
        ...

    def optional_addresses(self) -> Mapping[str, str]:
        """Give the address of each optional service that runs and has one."""
        ...

    def services(self) -> list[ServiceState]: ...

    def report(self) -> Report: ...
