"""Time a run and its longest transaction."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import connection
from psycopg.pq import TransactionStatus

from benchmarks.contenders import Contender


@dataclass(frozen=True)
class Run:
    rows: int
    began: float
    seconds: float
    longest_seconds: float

    @property
    def ended(self) -> float:
        return self.began + self.seconds


@dataclass
class TransactionClock:
    """Note when each transaction begins, as Django's wrapper of every statement.

    A statement that finds the connection idle opens a transaction, and what follows up to the next such statement,
    the commit included, is counted as that transaction's: never too little, and no sampling beside the run.
    """

    begins: list[float] = field(default_factory=list)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if connection.connection.info.transaction_status == TransactionStatus.IDLE:
            self.begins.append(time.monotonic())
        return execute(sql, params, many, context)

    def longest(self, ended: float) -> float:
        marks = [*self.begins, ended]
        return max((end - begin for begin, end in pairwise(marks)), default=0.0)


def timed(contender: Contender, now: datetime) -> Run:
    clock = TransactionClock()
    with connection.execute_wrapper(clock):
        began = time.monotonic()
        rows = contender(now)
        ended = time.monotonic()
    return Run(rows, began, ended - began, clock.longest(ended))
