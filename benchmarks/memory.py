"""How much memory a run needs, in a process of its own."""

import gc
import multiprocessing
import resource
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path

from benchmarks.contenders import ours
from benchmarks.scale import START, Scale
from benchmarks.tables import COPY, connected, copied, filled

STATUS = Path("/proc/self/status")


def peak_kib() -> int:
    """Return the most that this process has held.

    Not getrusage on Linux: there a process begins with the peak of the one that started it.
    """
    if STATUS.exists():
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def growth_kib(now: datetime) -> int:
    """Return by how much a run raises the peak, after one that had nothing to do has loaded the code."""
    with connected(COPY):
        ours(START)
        gc.collect()
        before = peak_kib()
        ours(now)
        return peak_kib() - before


def memory_measure(scale: Scale) -> dict[int, int]:
    """Return the growth in KiB for few and for many due tickets, in the smallest table that has as many."""
    table = min(tickets for tickets in scale.tables if tickets >= scale.many)
    return {due: _in_new_process(table, scale.moments[due]) for due in (scale.few, scale.many)}


def _in_new_process(table: int, now: datetime) -> int:
    spawn = multiprocessing.get_context("spawn")
    with copied(filled(table)), ProcessPoolExecutor(max_workers=1, mp_context=spawn) as process:
        return process.submit(growth_kib, now).result()
