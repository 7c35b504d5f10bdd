"""`python -m benchmarks.runs.producer CONTENDER TASKS GAP_SECONDS`: ask for the tasks, print the seconds that took."""

import importlib
import sys
import time
from collections.abc import Callable
from typing import Any


def sender(name: str) -> Callable[[float], Any]:
    """Return what a program calls to ask for one task."""
    if name.startswith("dramatiq"):
        peer: Callable[[float], Any] = importlib.import_module("benchmarks.runs.peer").peer.send
        return peer
    stock = name in ("stock", "tuned")
    module = importlib.import_module(f"benchmarks.runs.{'stock' if stock else 'ours'}")
    module.app.set_default()
    module.app.loader.import_default_modules()
    task: Callable[[float], Any] = module.app.tasks[f"bench.{'stock' if stock else name}"].delay
    return task


def main(name: str, tasks: int, gap: float) -> float:
    send = sender(name)
    send(time.time())  # the connections are opened by the first
    began = time.perf_counter()
    for _ in range(tasks):
        send(time.time())
        if gap:
            time.sleep(gap)
    return time.perf_counter() - began


if __name__ == "__main__":
    print(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
