"""Debian packages: which are missing, and how they come."""

import os
from collections.abc import Sequence
from pathlib import Path

from bundle import terminal
from bundle.errors import BundleError
from bundle.process import capture
from bundle.systemd.place import PYTHON

BUS = Path("/run/dbus/system_bus_socket")


def missing(*, own_database: bool, own_redis: bool) -> list[str]:
    """Ask for the program, not for the package: a server may have come another way."""
    venv = capture([str(PYTHON), "-c", "import ensurepip, venv"]).ok
    wanted = {
        "python3-venv": venv,
        # What systemd-run speaks through.
        "dbus": BUS.exists(),
        "postgresql": not own_database or Path("/usr/bin/pg_lsclusters").exists(),
        "redis-server": not own_redis or Path("/usr/bin/redis-server").exists(),
    }
    return [name for name, there in wanted.items() if not there]


def install_commands(names: Sequence[str]) -> list[list[str]]:
    return [
        ["apt-get", "update", "--quiet"],
        ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *names],
    ]


def install(names: Sequence[str]) -> None:
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with terminal.step(f"Installing Debian's {', '.join(names)}"):
        for command in install_commands(names):
            result = capture(command, env=environ)
    if not result.ok:
        raise BundleError(
            f"apt-get could not install {', '.join(names)} ({result.last_words}): mend apt's sources or the network,"
            " install them by hand, or give existing servers (DB_HOST, REDIS_HOST); then repeat the command."
        )
