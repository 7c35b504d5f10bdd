"""Print the results side by side."""

import os
import platform
import sys

from benchmarks.contenders import NAMES
from benchmarks.reach import percentile
from benchmarks.rounds import BESIDE_A_USER, Results
from benchmarks.scale import Scale
from benchmarks.tables import MIGRATED, session

CASE = "{:>9}  {:>7}"
NUMBERS = "  {:>9}  {:>9}  {:>9}  {:>9}"
RATIOS = "  {:>9}  {:>9}  {:>9}"


def progress(text: str) -> None:
    """Show on a terminal, and only there, what is going on."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def machine() -> str:
    with session(MIGRATED) as connection:
        version = connection.info.server_version // 10_000
    load = f"load average {os.getloadavg()[1]:.1f} over 5 minutes"
    return (
        f"PostgreSQL {version}, fsync on, shared_buffers 256 MB; {os.cpu_count()} CPUs ({platform.machine()}), {load}"
    )


def print_cases(scale: Scale, results: Results) -> None:
    _print_head("Run time in milliseconds (median)", "time over ours")
    for tickets, due in scale.cases:
        _print_case(tickets, due, [results.seconds(tickets, due, name) * 1000 for name in NAMES], times=True)
    _print_head("Rows per second", "ours over theirs")
    for tickets, due in scale.cases:
        if due:
            _print_case(tickets, due, [due / results.seconds(tickets, due, name) for name in NAMES], times=False)
    print(f"loop: measured on {scale.loop_rows:,} tickets and scaled to those due.")
    left_out = [f"{due:,} due of {tickets:,}" for tickets in scale.tables for due in scale.moments if due > tickets]
    print(*(f"left out: {case} tickets cannot be." for case in left_out), sep="\n")


def _print_head(title: str, ratio: str) -> None:
    print(f"\n{title:<62}{ratio:>29}")
    print(CASE.format("tickets", "due") + NUMBERS.format(*NAMES) + RATIOS.format(*NAMES[1:]))


def _print_case(tickets: int, due: int, values: list[float], *, times: bool) -> None:
    digits = 2 if times else 0
    numbers = [f"{value:,.{digits}f}" for value in values]
    ratios = [value / values[0] if times else values[0] / value for value in values[1:]]
    line = CASE.format(f"{tickets:,}", f"{due:,}" if due else "none") + NUMBERS.format(*numbers)
    print(line + RATIOS.format(*(f"{ratio:,.2f}" for ratio in ratios)))


def print_user(scale: Scale, results: Results) -> None:
    case = f"{scale.many:,} of {scale.tables[-1]:,} due"
    print(f"\nA user edits a random ticket in a Done column every 2 ms, {case} (milliseconds)")
    head = ("during", "edits", "p50", "p99", "max", "longest transaction", "archived")
    form = "{:>9}  {:>7}  {:>9}  {:>9}  {:>9}  {:>19}  {:>9}"
    print(form.format(*head))
    for name in BESIDE_A_USER:
        edits = results.edits[name]
        waits = [f"{value * 1000:,.1f}" for value in (percentile(edits, 50), percentile(edits, 99), max(edits))]
        longest = max(run.longest_seconds for run in results.shared[name]) * 1000
        rows = min(run.rows for run in results.shared[name])
        print(form.format(name, f"{len(edits):,}", *waits, f"{longest:,.1f}", f"{rows:,}"))
    print("A ticket that is being edited is passed over and left to the next run.")


def print_memory(memory: dict[int, int]) -> None:
    print("\nPeak memory of the process above a run with nothing to do")
    for due, kib in memory.items():
        print(f"{due:>17,} due  {kib / 1024:>6.2f} MB")
