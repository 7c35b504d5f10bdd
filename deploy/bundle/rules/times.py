"""The invariant of times."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from bundle.model import Stack


def times_grow(stack: Stack, root: Path) -> Iterator[str]:
    for (before, shorter), (after, longer) in pairwise(stack.times.chain().items()):
        if shorter >= longer:
            yield f"times: {before} {shorter} is not below {after} {longer}; mend the margins around task_seconds"


def soft_limit_leaves_time(stack: Stack, root: Path) -> Iterator[str]:
    if stack.times.soft_seconds <= 0:
        times = stack.times
        yield f"times.task_seconds: {times.task_seconds} is not above soft_before {times.soft_before}; raise it"


def stop_times(stack: Stack, root: Path) -> Iterator[str]:
    for name, service in stack.service.items():
        if service.runs_tasks and service.stop_seconds is not None:
            yield f"service.{name}.stop_seconds: its stop time comes from [times]; remove it, or runs_tasks"
        if not service.runs_tasks and (service.stop_seconds or 0) <= 0:
            yield f"service.{name}.stop_seconds: no stop time; give the seconds that it may take to stop"


RULES = (times_grow, soft_limit_leaves_time, stop_times)
