"""What the archive run has to reach."""

from dataclasses import dataclass
from statistics import quantiles

from benchmarks.rounds import Results
from benchmarks.scale import Scale

FLOOR_SHARE = 0.7
TRANSACTION_MS = 150.0
EDIT_MS = 10.0
IDLE_RATIO = 1.5
# A hundred thousand ids alone, kept in a list, are 3.5 MB.
MEMORY_MB = 2.0


@dataclass(frozen=True)
class Reach:
    claim: str
    value: float
    limit: float
    unit: str = ""
    at_least: bool = False

    @property
    def passed(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        bound = "at least" if self.at_least else "at most"
        verdict = "PASS" if self.passed else "MISS"
        return f"{verdict}  {self.claim}: {self.value:.2f}{self.unit} ({bound} {self.limit:g}{self.unit})"


def percentile(seconds: list[float], percent: int) -> float:
    return quantiles(seconds, n=100, method="inclusive")[percent - 1] if len(seconds) > 1 else seconds[0]


def reaches(scale: Scale, results: Results, memory: dict[int, int]) -> list[Reach]:
    small, large = scale.tables[0], scale.tables[-1]
    idle = results.seconds(large, 0, "ours") / results.seconds(small, 0, "ours")
    growth = (memory[scale.many] - memory[scale.few]) / 1024
    return [
        *(_floor_share(results, tickets, scale.many) for tickets, due in scale.cases if due == scale.many),
        Reach("the longest transaction of any run", results.longest("ours") * 1000, TRANSACTION_MS, " ms"),
        Reach(
            "edits of a concurrent user, 99th percentile", percentile(results.edits["ours"], 99) * 1000, EDIT_MS, " ms"
        ),
        Reach(f"none due: time with {large:,} tickets over time with {small:,}", idle, IDLE_RATIO),
        Reach(f"memory: {scale.many:,} due above {scale.few:,} due", growth, MEMORY_MB, " MB"),
    ]


def _floor_share(results: Results, tickets: int, due: int) -> Reach:
    share = results.seconds(tickets, due, "floor") / results.seconds(tickets, due, "ours")
    return Reach(f"rows per second over the floor's, {due:,} of {tickets:,} due", share, FLOOR_SHARE, at_least=True)
