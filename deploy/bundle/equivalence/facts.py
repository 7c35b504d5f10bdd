"""The normal form: what a target says of one service, an aspect at a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Value = str | int | float
UNITS = {"memory": " MiB", "reserved_memory": " MiB", "shm": " MiB", "stop_time": " s"}
# What two processes of one service use, they use together.
SUMMED = ("memory", "pids", "cpus")
# A service has stopped when the last of its processes has.
LONGEST = ("stop_time",)


@dataclass(frozen=True)
class Facts:
    """What is said of one service; an aspect that is not in `values` is not mentioned by the target."""

    values: dict[str, Value] = field(default_factory=dict)
    inherits: bool = False  # variables that the starter sets reach it, though no file names them


def said(**values: Value | None) -> dict[str, Value]:
    """Collect what was found; None and empty text say nothing."""
    return {aspect: value for aspect, value in values.items() if value is not None and value != ""}


def shown(aspect: str, value: Value | None) -> str:
    return "nothing" if value is None else f"{value}{UNITS.get(aspect, '')}"


def each(family: str, variables: Mapping[str, str]) -> dict[str, Value]:
    """Make one aspect of each variable."""
    return {f"{family}.{name}": value or "''" for name, value in variables.items()}


def together(processes: Iterable[Facts]) -> Facts:
    """Join the processes that stand for one service."""
    found = list(processes)
    names = dict.fromkeys(aspect for facts in found for aspect in facts.values)
    return Facts({aspect: _joined(aspect, found) for aspect in names}, all(facts.inherits for facts in found))


def _joined(aspect: str, processes: list[Facts]) -> Value:
    values = [facts.values[aspect] for facts in processes if aspect in facts.values]
    numbers = [value for value in values if not isinstance(value, str)]
    if aspect in SUMMED:
        return sum(numbers)
    if aspect in LONGEST:
        return max(numbers)
    different = list(dict.fromkeys(values))
    return different[0] if len(different) == 1 else " + ".join(str(value) for value in different)
