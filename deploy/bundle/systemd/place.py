"""Where everything of one stack lies on the machine, and where a staged tree stands for the machine."""

from dataclasses import dataclass
from pathlib import Path

# The Python of Debian: another one may lie in a home, which the units cannot see, and may go with its owner.
PYTHON = Path("/usr/bin/python3")
CURRENT = "current"


@dataclass(frozen=True)
class Place:
    """Paths as the machine will know them; `at` says where they are to be written now (DESTDIR)."""

    stack: str
    prefix: Path = Path("/opt")
    root: Path = Path("/")

    @property
    def code(self) -> Path:
        return self.prefix / self.stack

    @property
    def releases(self) -> Path:
        return self.code / "releases"

    @property
    def current(self) -> Path:
        return self.code / CURRENT

    @property
    def etc(self) -> Path:
        return Path("/etc") / self.stack

    @property
    def settings(self) -> Path:
        return self.etc / "env"

    @property
    def credentials(self) -> Path:
        return self.etc / "credentials"

    @property
    def record(self) -> Path:
        return self.etc / "installed.json"

    @property
    def state(self) -> Path:
        return Path("/var/lib") / self.stack

    @property
    def units(self) -> Path:
        return Path("/etc/systemd/system")

    @property
    def manage(self) -> Path:
        return Path("/usr/local/bin") / f"{self.stack}-manage"

    def heartbeat(self, unit: str) -> Path:
        """Name the file whose age tells of a unit's last tick."""
        return Path("/run") / f"{self.stack}-{unit}" / "heartbeat"

    @property
    def lock(self) -> Path:
        """Of the machine, not of a checkout: two checkouts may install the same stack."""
        return Path("/run/lock") / f"{self.stack}-install"

    @property
    def staged(self) -> bool:
        return self.root != Path("/")

    def at(self, path: Path) -> Path:
        return self.root / path.relative_to("/")
