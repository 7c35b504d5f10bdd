"""Run the contenders in turn, each with its own worker processes, on one PostgreSQL and one Redis."""

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.runs.processor import used
from benchmarks.runs.work import RECORD, latencies

PROCESSES = 2
CELERY = ["-m", "celery", "-A"]
WORKER = ["worker", "--loglevel=info", f"--concurrency={PROCESSES}"]
WORKERS = {
    "ledger": [*CELERY, "benchmarks.runs.ours", *WORKER],
    "free": [*CELERY, "benchmarks.runs.ours", *WORKER],
    "stock": [*CELERY, "benchmarks.runs.stock", *WORKER],
    "tuned": [*CELERY, "benchmarks.runs.stock", *WORKER],
    "dramatiq": ["-m", "dramatiq", "benchmarks.runs.peer", "-p", str(PROCESSES), "-t", "1", "--queues", "bench"],
}
NAMES = tuple(WORKERS)
STOCK = ("stock", "tuned")
START_SECONDS, DRAIN_SECONDS = 60, 300


@dataclass
class Seen:
    """Per contender and round: tasks asked for and done per second, the seconds each took when idle, and those of the
    processor per task: the worker's, its children's, PostgreSQL's.
    """

    asked: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    drained: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    idle: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    processor: dict[str, list[tuple[float, ...]]] = field(default_factory=lambda: defaultdict(list))


def measure(seen: Seen, *, rounds: int, tasks: int, done: Path) -> Iterator[str]:
    """Fill the figures; yields what it does before it does it."""
    for number in range(rounds):
        for name in NAMES[number % len(NAMES) :] + NAMES[: number % len(NAMES)]:
            yield f"round {number + 1} of {rounds}: {name}"
            _round(seen, name, tasks, done)


def _round(seen: Seen, name: str, tasks: int, done: Path) -> None:
    done.unlink(missing_ok=True)
    seen.asked[name].append(tasks / _ask(name, tasks, 0))
    with _worker(name, done) as pid:
        drained, processor = _drain(done, tasks + 1, pid)
        seen.drained[name].append(drained)
        seen.processor[name].append(processor)
        done.write_bytes(b"")
        _ask(name, tasks // 10, 0.02)
        _wait(done, tasks // 10 + 1)
        seen.idle[name] += latencies(done)[1:]


def _ask(name: str, tasks: int, gap: float) -> float:
    command = [sys.executable, "-m", "benchmarks.runs.producer", name, str(tasks), str(gap)]
    told = subprocess.run(command, check=True, capture_output=True, text=True, env=environment(name))
    return float(told.stdout.split()[-1])


@contextmanager
def _worker(name: str, done: Path) -> Iterator[int]:
    with (done.parent / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *WORKERS[name]], stdout=log, stderr=subprocess.STDOUT, env=environment(name)
        )
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def _count(done: Path) -> int:
    return done.stat().st_size // RECORD.size if done.exists() else 0


def _wait(done: Path, tasks: int) -> None:
    deadline = time.monotonic() + DRAIN_SECONDS
    while _count(done) < tasks:
        if time.monotonic() > deadline:
            raise SystemExit(f"benchmarks: {_count(done)} of {tasks} tasks done: see the logs in {done.parent}")
        time.sleep(0.002)


def _drain(done: Path, tasks: int, worker: int) -> tuple[float, tuple[float, ...]]:
    """Return tasks per second and the processor's seconds per task, from 5 % to the end: no start is counted."""
    _wait(done, tasks // 20)
    first, began, before = _count(done), time.perf_counter(), _processor(done.parent, worker)
    _wait(done, tasks)
    seconds, after = time.perf_counter() - began, _processor(done.parent, worker)
    count = tasks - first
    return count / seconds, tuple((end - start) / count for start, end in zip(before, after, strict=True))


def _processor(directory: Path, worker: int) -> tuple[float, ...]:
    postgres = int((directory / "postgres" / "postmaster.pid").read_text().split()[0])
    return (*used(worker), sum(used(postgres)))


def environment(name: str) -> dict[str, str]:
    """Return a contender's environment: the stock app has settings of its own, which BENCH_TUNED changes."""
    settings = "benchmarks.runs.stock_settings" if name in STOCK else "config.settings"
    tuned = {"BENCH_TUNED": "1"} if name == "tuned" else {}
    return os.environ | tuned | {"DJANGO_SETTINGS_MODULE": settings, "PYTHONPATH": os.pathsep.join(sys.path)}
