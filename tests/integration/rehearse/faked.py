"""A real PostgreSQL and a real beat whose clock starts where a test says, and runs fast."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg

from tests import servers
from tests.integration import clock
from tests.integration.backend import PASSWORD, USER, Backend

# One hour in 15 seconds: beat looks at the clock each second, which is four minutes of its time.
SPEED = 240
NOT_COPIED = shutil.ignore_patterns("postmaster.pid", ".s.PGSQL*")


class Desk(Backend):
    """The backend on servers whose clock is not this machine's."""

    def now(self) -> datetime:
        now: datetime = self.sql("SELECT now()")[0][0]
        return now

    @contextmanager
    def beat(self) -> Iterator[Path]:
        """Run beat at the database's time and speed; yields its log."""
        words = ["-m", "celery", "--quiet", "-A", "config", "beat", "--pidfile=", "--max-interval=1"]
        log = self.directory / "beat.log"
        with log.open("wb") as output:
            environment = self.environment | shifted(self.now())
            command = [sys.executable, *words]
            process = subprocess.Popen(command, env=environment, cwd=self.directory, stdout=output, stderr=output)
        try:
            yield log
        finally:
            process.kill()
            process.wait()


def shifted(start: datetime) -> dict[str, str]:
    """Return the variables for a process whose clock starts at this time, and is fast from its own start on."""
    return {
        "LD_PRELOAD": str(clock.library()),
        "FAKETIME": f"@{start:%Y-%m-%d %H:%M:%S} x{SPEED}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "TZ": "UTC",
    }


def prepare(directory: Path, schedules: str) -> Path:
    """Make a database with the schedules, and return a copy of its files that many servers can start from."""
    kept = directory / "kept"
    with (
        servers.postgres(directory, user=USER, password=PASSWORD) as postgres,
        servers.redis_server(directory, password=PASSWORD) as redis,
    ):
        desk = Desk(directory, postgres, redis)
        desk.manage("migrate", "--verbosity=0", "--skip-checks")
        desk.manage("shell", "-c", schedules)
        desk.sql("CHECKPOINT")
        shutil.copytree(postgres, kept, ignore=NOT_COPIED)
    return kept


@contextmanager
def at(start: datetime, kept: Path, directory: Path) -> Iterator[Desk]:
    """Serve a copy of the database at this time."""
    data = directory / "postgres"
    shutil.copytree(kept, data)
    data.chmod(0o700)
    prefix = servers.as_unprivileged(data)
    variables = [f"{name}={value}" for name, value in shifted(start).items()]
    options = ["--fsync=off", "--listen_addresses=", f"--unix_socket_directories={data}", "--log_timezone=UTC"]
    command = [*prefix, "env", *variables, str(servers.postgres_binaries() / "postgres"), "-D", str(data), *options]

    def answers() -> None:
        psycopg.connect(host=str(data), user=USER, password=PASSWORD, dbname="postgres").close()

    with (
        servers.running(command, directory / "postgres.log", answers) as process,
        servers.redis_server(directory, password=PASSWORD) as redis,
    ):
        yield Desk(directory, data, redis)
        process.send_signal(2)
