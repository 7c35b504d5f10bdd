"""Run supervisord as the container's process, and end with a code that tells why.

supervisord ends with 0 when its listener asks it to, and a restart policy then takes a failure for a wish.
"""

import json
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from supervisor import loggers
from supervisor.medusa.asyncore_25 import ExitNow
from supervisor.options import ServerOptions
from supervisor.supervisord import Supervisor

FAILED = 1


class JsonHandler(loggers.StreamHandler):
    """Write supervisord's own events as the other processes write theirs: one JSON line each."""

    def emit(self, record: loggers.LogRecord) -> None:
        line = {
            "ts": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": loggers.LOG_LEVELS_BY_NUM[record.level].lower(),
            "logger": "supervisord",
            "event": record.asdict()["message"].strip(),
        }
        self.stream.write(json.dumps(line) + "\n")
        self.stream.flush()


class ContainerOptions(ServerOptions):
    """supervisord's options with a logger for containers."""

    def make_logger(self) -> None:
        if sys.stdout.isatty() or os.environ.get("LOG_FORMAT") == "plain":
            super().make_logger()
            return
        self.logger = loggers.getLogger(self.loglevel)
        handler = JsonHandler(sys.stdout)
        handler.setLevel(self.loglevel)
        self.logger.addHandler(handler)
        for message in self.parse_criticals + self.parse_warnings:
            self.logger.warn(message)  # noqa: G010  (supervisor has a logger of its own)


def supervise(configuration: Path, failure: Path) -> int:
    """Run supervisord until it is told to end; the file is what its listener leaves when a failure was the reason."""
    failure.unlink(missing_ok=True)
    options = ContainerOptions()
    options.realize(["-c", str(configuration)])
    # As supervisord's own main sets them: no restart within the process, no dry run.
    options.first, options.test = True, False
    # Raised where supervisord has stopped everything that it ran.
    with suppress(ExitNow):
        Supervisor(options).main()
    return FAILED if failure.exists() else 0


if __name__ == "__main__":
    sys.exit(supervise(Path(sys.argv[1]), Path(sys.argv[2])))
