"""`make bench`: the archive run beside its peers; ends with 1 when something is not reached."""

import sys
from itertools import chain

from benchmarks.memory import memory_measure
from benchmarks.reach import reaches
from benchmarks.report import machine, print_cases, print_memory, print_user, progress
from benchmarks.rounds import Results, measure
from benchmarks.scale import QUICK, scale_chosen
from benchmarks.serving import served
from benchmarks.tables import tables_fill


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
    sys.exit(served(_compare))
