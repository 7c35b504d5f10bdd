"""One group of questions, answered: what was looked at, what is wrong, and how long it took."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import redis
from django.db import DatabaseError, InterfaceError, connection
from kombu.exceptions import OperationalError

from core.health.findings import Finding

# A question yields what it saw, as a sentence, and what is wrong, as a finding.
Questions = Callable[[], Iterator[Finding | str]]


@dataclass
class Examination:
    """`unseen` says why the group could not be looked at (further)."""

    group: str
    asks: str
    seen: list[str] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)
    unseen: str = ""
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        problems = [
            {
                "level": problem.level,
                "group": problem.group,
                "subject": problem.subject,
                "sentence": problem.sentence,
                "since": problem.since,
                "remedy": problem.remedy,
            }
            for problem in self.problems
        ]
        return {**vars(self), "problems": problems, "seconds": round(self.seconds, 3)}


def examine(group: str, asks: str, questions: Questions) -> Examination:
    """Ask until something does not answer; then say what."""
    found, began = Examination(group, asks), time.monotonic()
    try:
        for answer in questions():
            (found.problems if isinstance(answer, Finding) else found.seen).append(answer)  # type: ignore[arg-type]
    except (DatabaseError, InterfaceError) as error:
        found.unseen = f"the database did not answer: {_short(error)}"
        if not connection.in_atomic_block:
            connection.close()
    except (OperationalError, redis.RedisError, OSError) as error:
        found.unseen = f"Redis did not answer: {_short(error)}"
    found.seconds = time.monotonic() - began
    return found


def _short(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
