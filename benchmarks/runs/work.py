"""What each task does, whatever runs it: note how long it took to get here, in 8 bytes appended to a file."""

import os
import struct
import time
from functools import cache
from pathlib import Path

RECORD = struct.Struct("<d")


@cache
def _descriptor() -> int:
    # Opened once per process; O_APPEND keeps the records of several processes whole.
    return os.open(os.environ["BENCH_DONE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def done(sent: float) -> None:
    os.write(_descriptor(), RECORD.pack(time.time() - sent))


def latencies(file: Path) -> list[float]:
    """Return the seconds from asking to running of each task that is done, in the order of their ends."""
    data = file.read_bytes() if file.exists() else b""
    return [value for (value,) in RECORD.iter_unpack(data[: len(data) // RECORD.size * RECORD.size])]
