"""How much is measured, and at which moments how many tickets are due."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# A run is told what time it is, so one table serves every number of due tickets: none at START, more later.
START = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Scale:
    tables: tuple[int, ...]
    few: int
    many: int
    rounds: int
    # The loop is slow and its cost is per ticket: so many tickets tell it.
    loop_rows: int = 500
    idle_runs: int = 30

    @property
    def moments(self) -> dict[int, datetime]:
        """Return the moment at which each number of tickets is due."""
        return {0: START, self.few: START + timedelta(hours=1), self.many: START + timedelta(hours=25)}

    @property
    def cases(self) -> list[tuple[int, int]]:
        """List tickets and due tickets of each case that can exist."""
        return [(tickets, due) for tickets in self.tables for due in self.moments if due <= tickets]


FULL = Scale(tables=(10_000, 100_000, 1_000_000), few=1_000, many=100_000, rounds=3)
QUICK = Scale(tables=(10_000, 50_000), few=1_000, many=20_000, rounds=1)


def scale_chosen() -> Scale:
    return QUICK if os.environ.get("QUICK", "") not in ("", "0") else FULL
