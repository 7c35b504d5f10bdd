"""Named retry policies: how often a run is tried again, and how long it waits before."""

import random
from collections.abc import Callable
from dataclasses import dataclass

LONGEST_SECONDS = 3600.0


@dataclass(frozen=True)
class Policy:
    """`retries` more attempts after the first; `seconds(n)` is the wait before the n-th retry, from 1."""

    retries: int
    seconds: Callable[[int], float]


def _growing(attempt: int) -> float:
    """Return 60, 120, 240 ... seconds, up to a tenth more, so that what failed together is not retried together."""
    growing: float = min(60.0 * 2 ** (attempt - 1), LONGEST_SECONDS)
    return growing * random.uniform(1, 1.1)  # noqa: S311  # no secret


POLICIES = {
    "default": Policy(3, _growing),
    "linear": Policy(3, lambda attempt: 60.0 * attempt),
    "net": Policy(5, lambda _: 30.0),
    "mail": Policy(5, lambda _: 300.0),
    "none": Policy(0, lambda _: 0.0),
}


def policy(name: str) -> Policy:
    """Return the policy, or raise ValueError with the names there are."""
    try:
        return POLICIES[name]
    except KeyError:
        raise ValueError(f"There is no retry policy {name!r}: use one of {', '.join(POLICIES)}.") from None
