"""Development only: run a program, and start it again when a source file has changed. Standard library only.

It looks at the files' times once a second: no watcher has to be in the production image, and unlike inotify this sees
every change through every kind of mount. The whole program is started anew: gunicorn's own reloader keeps the settings
that its first process has read.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

WATCHED = ("services", "entrypoints")
SUFFIXES = (".py", ".sh", ".conf", ".html")
LOOK_SECONDS = 1.0
# A task that runs longer than this is killed by a change; its row is found again.
STOP_SECONDS = 10

Times = dict[str, int]


def snapshot(root: Path) -> Times:
    """Return when each source file was changed; one that vanishes meanwhile is left out."""
    found = {}
    for path in (path for folder in WATCHED for path in (root / folder).rglob("*") if path.suffix in SUFFIXES):
        try:
            found[str(path.relative_to(root))] = path.stat().st_mtime_ns
        except FileNotFoundError:
            continue
    return found


def changed(before: Times, after: Times) -> list[str]:
    """Name the files that are new, gone or changed."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def say(event: str) -> None:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"ts": now, "level": "warning", "logger": "runtime.reload", "event": f"DEVELOPMENT: {event}"}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


class Program:
    """One program, and the files that it was started from."""

    def __init__(self, root: Path, command: Sequence[str]) -> None:
        self._root = root
        self._command = list(command)
        self._start()

    def _start(self) -> None:
        self._times = snapshot(self._root)
        self._mourned = False
        # A group of its own: what does not stop in time is killed with all that it started.
        self._process = subprocess.Popen(self._command, start_new_session=True)

    def look(self) -> None:
        """Start it again when a file has changed; a program that ended by itself waits for that too."""
        if names := changed(self._times, snapshot(self._root)):
            say(f"{names[0]}{f' and {len(names) - 1} more' if names[1:] else ''} changed: starting again.")
            self.stop(STOP_SECONDS)
            self._start()
        elif self._process.poll() is not None and not self._mourned:
            self._mourned = True
            say(f"the program ended ({self._process.returncode}): it starts again when a file changes.")

    def stop(self, seconds: float | None) -> int:
        """Ask it to stop, wait, and return its exit code."""
        self._process.terminate()
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            return self._process.wait()


def main(root: Path, command: Sequence[str]) -> int:
    """Run until told to stop; then the program gets all the time that its container has."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    say(f"{' '.join(command)} runs the checkout's code and starts again when it changes.")
    program = Program(root, command)
    try:
        while True:
            time.sleep(LOOK_SECONDS)
            program.look()
    except KeyboardInterrupt:
        return program.stop(None)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
