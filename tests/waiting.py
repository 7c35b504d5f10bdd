"""Wait for what happens, not for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def poll(ask: Callable[[], Answer], *, what: str, seconds: float = 60, every: float = 0.5) -> Answer:
    """Ask until the answer is true, and return it; fail with the last one when the time is up."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:g} s; last answer {answer!r}")
        time.sleep(every)
    return answer
