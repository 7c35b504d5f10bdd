"""What the benchmarks of an app's chore share: databases by size, turns of the contenders, and the judgement."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any

from django.db import connection

from benchmarks.contenders import RUN, Contender
from benchmarks.reach import Reach
from benchmarks.report import machine, progress
from benchmarks.stopwatch import Run, timed
from benchmarks.tables import MIGRATED, administer, connected, copied, rows_fill, run_make, tables_migrate
from core.runs.running import Running, current

ROUNDS = 3


@dataclass
class Results:
    """The runs of each case and contender; a case is a database and what is done in it."""

    runs: dict[tuple[str, str, str], list[Run]] = field(default_factory=lambda: defaultdict(list))

    def seconds(self, database: str, case: str, name: str) -> float:
        return median(run.seconds for run in self.runs[database, case, name])

    def rate(self, database: str, case: str, name: str) -> float:
        """Return the rows per second, of those that a contender did."""
        return median(run.rows / run.seconds for run in self.runs[database, case, name])

    def longest_ms(self, name: str) -> float:
        runs = [run for case, runs in self.runs.items() if case[2] == name for run in runs]
        return max(run.longest_seconds for run in runs) * 1000

    def show(self) -> None:
        form = "{:>18}  {:>24}  {:>8}  {:>10}  {:>11}  {:>10}  {:>12}"
        print(form.format("database", "case", "who", "rows", "ms (median)", "rows/s", "longest ms"))
        for (database, case, name), runs in self.runs.items():
            took = median(run.seconds for run in runs)
            rates = f"{runs[0].rows:,}", f"{took * 1000:,.1f}", f"{runs[0].rows / took:,.0f}"
            longest = f"{max(run.longest_seconds for run in runs) * 1000:,.1f}"
            print(form.format(database, case, name, *rates, longest))


def databases_fill(task: str, fill: Iterable[str], tables: Iterable[str], sizes: Mapping[str, dict[str, Any]]) -> None:
    """Make one database for each size by the project's migrations, with the run on record whose work is done."""
    progress("migrations")
    tables_migrate()
    with connected(MIGRATED):
        run_make(task)
    for database, values in sizes.items():
        progress(f"filling {database}")
        administer(f"CREATE DATABASE {database} TEMPLATE {MIGRATED}")
        rows_fill(database, fill, tables, values)


def as_run(task: str, work: Contender) -> Contender:
    """Return the work as a run does it: counted, and with the run in the history; approved, so the guard holds none."""

    def done(now: datetime) -> int:
        token = current.set(Running(RUN, task, 1, 1, approved=True))
        try:
            return work(now)
        finally:
            current.reset(token)

    return done


def measure(
    results: Results, database: str, case: str, moment: datetime, contenders: Mapping[str, Contender], idle: datetime
) -> None:
    """Let the contenders take turns, each on a fresh copy, after a run at which nothing is due."""
    for number in range(ROUNDS):
        names = list(contenders)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            progress(f"{case} in {database}, round {number + 1} of {ROUNDS}: {name}")
            with copied(database):
                contenders[name](idle)
                results.runs[database, case, name].append(timed(contenders[name], moment))


@contextmanager
def judged(title: str) -> Iterator[list[Reach]]:
    """Print the machine before, and the reaches after what the block put into the list."""
    progress("")
    print(f"{title}\n{machine()}\n")
    verdicts: list[Reach] = []
    yield verdicts
    print("", *verdicts, sep="\n")


def milliseconds(read: Callable[[], object], database: str, times: int = 30) -> float:
    """Return the median time of a read, in a warm connection."""
    with connected(database):
        for _ in range(3):
            read()
        return median(_took(read) for _ in range(times)) * 1000


def _took(read: Callable[[], object]) -> float:
    began = time.monotonic()
    read()
    return time.monotonic() - began


def until_done(statement: str, now: datetime) -> int:
    """Repeat a batch until nothing is left; like the sweep, wait for no disk at a commit."""
    total = 0
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        while True:
            cursor.execute(statement, {"now": now})
            if not cursor.rowcount:
                return total
            total += cursor.rowcount
