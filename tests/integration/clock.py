"""Shift the time of a whole stack with libfaketime: nothing of the product knows that it is tested."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory


def library() -> Path:
    """Return the libfaketime that the development requirements bring."""
    spec = find_spec("libfaketime")
    assert spec is not None and spec.origin is not None
    return next(Path(spec.origin).parent.rglob("libfaketime.so.1"))


@dataclass(frozen=True)
class Shift:
    """A distance from this machine's clock."""

    seconds: int

    @classmethod
    def to_before_the_hour(cls, seconds: int) -> "Shift":
        """Shift so that the next full hour strikes in so many seconds from now."""
        now = datetime.now(UTC)
        hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return cls(round((hour - now).total_seconds()) - seconds)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.seconds)

    def environment(self, preloaded: Path) -> dict[str, str]:
        """Return the variables that shift a process; monotonic clocks stay true, so that time-outs do."""
        if not self.seconds:
            return {}
        # One stat of a file is worth one comparison with the shifted clock: file times are shifted alike.
        return {"LD_PRELOAD": str(preloaded), "FAKETIME": f"{self.seconds:+d}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


class Dial:
    """A shift that is turned while the stack runs: its processes read it from a file whenever they ask for the time."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.turn(datetime.now(UTC))

    @classmethod
    @contextmanager
    def made(cls) -> Iterator["Dial"]:
        with TemporaryDirectory(prefix="dial-") as directory:
            # The stack's programs run as other users.
            Path(directory).chmod(0o755)
            yield cls(Path(directory))

    def turn(self, moment: datetime) -> None:
        """Make it that moment for the whole stack, at once."""
        self.seconds = round((moment - datetime.now(UTC)).total_seconds())
        # In one step: whoever found the file empty would see the true time.
        written = self.directory / "next"
        written.write_text(f"{self.seconds:+d}s\n")
        written.chmod(0o644)
        written.rename(self.directory / "offset")

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.seconds)

    def environment(self, preloaded: Path) -> dict[str, str]:
        # Without the cache of some seconds, in which two processes would tell different times.
        read = {"FAKETIME_TIMESTAMP_FILE": str(self.directory / "offset"), "FAKETIME_NO_CACHE": "1"}
        return {"LD_PRELOAD": str(preloaded), **read, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
