"""A PostgreSQL of the benchmark's own, as the image's in a container of 1 GB."""

import os
import shutil
import signal
import time
from collections.abc import Callable

from benchmarks import DIRECTORY
from tests import servers

# What the image gives a container of 1 GB, and durable as in production: the tests' server is not.
SETTINGS = {
    "fsync": "on",
    "shared_buffers": "256MB",
    "effective_cache_size": "614MB",
    "maintenance_work_mem": "64MB",
    "wal_buffers": "32MB",
    "jit": "off",
}


def served(compare: Callable[[], bool]) -> int | str:
    """Compare while the server runs, and return what to exit with: 1 when something is not reached."""
    began = time.monotonic()
    # End as with Ctrl-C: the server and its directory go too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    user, password = os.environ["DB_USER"], os.environ["DB_PASSWORD"]
    try:
        with servers.postgres(DIRECTORY, user=user, password=password, settings=SETTINGS):
            passed = compare()
    except KeyboardInterrupt:
        return "benchmarks: interrupted; the server and its data are removed."
    finally:
        shutil.rmtree(DIRECTORY, ignore_errors=True)
    print(f"\nTook {time.monotonic() - began:,.0f} s.")
    return 0 if passed else 1
