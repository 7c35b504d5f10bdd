"""Run the contenders in turn, round after round, so that a machine that becomes slower does so for all of them."""

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from benchmarks.contenders import NAMES, Contender, contenders
from benchmarks.person import Edit, editing
from benchmarks.scale import START, Scale
from benchmarks.stopwatch import Run, timed
from benchmarks.tables import connected, copied, filled

Case = tuple[int, int, str]
# What the edits cost when nothing runs tells which part of the rest is the machine's.
ALONE = "alone"
ALONE_SECONDS = 2
BESIDE_A_USER = ("ours", "source", ALONE)


@dataclass
class Results:
    runs: dict[Case, list[Run]] = field(default_factory=lambda: defaultdict(list))
    shared: dict[str, list[Run]] = field(default_factory=lambda: defaultdict(list))
    edits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def seconds(self, tickets: int, due: int, name: str) -> float:
        """Return the median time of a run; the loop's is scaled from the tickets that it did to those due."""
        return median(run.seconds * (due / run.rows if due else 1) for run in self.runs[tickets, due, name])

    def longest(self, name: str) -> float:
        """Return the longest transaction of all runs, those beside a user included."""
        runs = [run for case, runs in self.runs.items() if case[2] == name for run in runs]
        return max(run.longest_seconds for run in runs + self.shared[name])


def measure(scale: Scale, results: Results) -> Iterator[str]:
    """Fill the results; yields what it does before it does it."""
    for number in range(scale.rounds):
        for tickets, due in scale.cases:
            yield f"round {number + 1} of {scale.rounds}: {due:,} of {tickets:,} due"
            for name in _turned(NAMES, number):
                results.runs[tickets, due, name] += _runs(scale, tickets, due, name)
        for name in _turned(BESIDE_A_USER, number):
            yield f"round {number + 1} of {scale.rounds}: {name}, beside a user"
            _beside_a_user(scale, name, results)


def _turned(names: tuple[str, ...], number: int) -> tuple[str, ...]:
    turn = number % len(names)
    return names[turn:] + names[:turn]


def _runs(scale: Scale, tickets: int, due: int, name: str) -> list[Run]:
    contender = contenders(scale.loop_rows)[name]
    if due:
        with copied(filled(tickets)):
            return [_checked(contender, scale, due, name)]
    # Nothing is due and nothing changes: no copy is needed, and many runs cost little.
    with connected(filled(tickets)):
        contender(START)
        return [timed(contender, START) for _ in range(scale.idle_runs)]


def _checked(contender: Contender, scale: Scale, due: int, name: str) -> Run:
    # A run without work first: a new connection reads the catalogue once.
    contender(START)
    run = timed(contender, scale.moments[due])
    expected = min(due, scale.loop_rows) if name == "loop" else due
    if run.rows != expected:
        raise SystemExit(
            f"benchmarks: {name} archived {run.rows:,} tickets where {expected:,} are due: see contenders.py"
        )
    return run


def _beside_a_user(scale: Scale, name: str, results: Results) -> None:
    now = scale.moments[scale.many]
    contender = (contenders(scale.loop_rows) | {ALONE: _nothing})[name]
    with copied(filled(scale.tables[-1])):
        contender(START)
        with editing() as edits:
            run = timed(contender, now)
    results.shared[name].append(run)
    results.edits[name] += _during(run, edits)


def _nothing(now: datetime) -> int:
    time.sleep(ALONE_SECONDS)
    return 0


def _during(run: Run, edits: list[Edit]) -> list[float]:
    return [seconds for began, seconds in edits if began < run.ended and began + seconds > run.began]
