"""`make bench`: the archive run beside its peers; ends with 1 when something is not reached."""

import os
import shutil
import signal
import sys
import time
from itertools import chain

from benchmarks import DIRECTORY
from benchmarks.memory import memory_measure
from benchmarks.reach import reaches
from benchmarks.report import machine, print_cases, print_memory, print_user, progress
from benchmarks.rounds import Results, measure
from benchmarks.scale import QUICK, scale_chosen
from benchmarks.tables import tables_fill
from tests import servers

# What the image gives a container of 1 GB, and durable as in production: the tests' server is not.
SETTINGS = {
    "fsync": "on",
    "shared_buffers": "256MB",
    "effective_cache_size": "614MB",
    "maintenance_work_mem": "64MB",
    "jit": "off",
}


def main() -> int:
    began = time.monotonic()
    # End as with Ctrl-C: the server and its directory go too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    user, password = os.environ["DB_USER"], os.environ["DB_PASSWORD"]
    try:
        with servers.postgres(DIRECTORY, user=user, password=password, settings=SETTINGS):
            passed = _compare()
    finally:
        shutil.rmtree(DIRECTORY, ignore_errors=True)
    print(f"\nTook {time.monotonic() - began:,.0f} s.")
    return 0 if passed else 1


def _compare() -> bool:
    scale, results = scale_chosen(), Results()
    for step in chain(tables_fill(scale), measure(scale, results)):
        progress(step)
    progress("memory")
    memory = memory_measure(scale)
    progress("")
    verdicts = reaches(scale, results, memory)
    print(machine())
    print_cases(scale, results)
    print_user(scale, results)
    print_memory(memory)
    print("", *verdicts, sep="\n")
    if scale is QUICK:
        print("QUICK: a batch is too large a part of these tables for a judgement; nothing fails.")
    return scale is QUICK or all(reach.passed for reach in verdicts)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("benchmarks: interrupted; the server and its data are removed.")
