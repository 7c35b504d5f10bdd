"""What a start asks for by WORKERS and PROFILES: which optional services, and how many of what may be several."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bundle import environment
from bundle.errors import BundleError
from bundle.model import Service, Stack
from bundle.schema import suggestion

NOTHING = "none"
# The word for the worker that always runs is its number alone.
USUAL = ""
WORD = re.compile(r"([a-z][a-z0-9-]*)(?:=(\S*))?")
MOST = 99

# How many of each service; None: nothing was said, so what runs goes on.
Wish = Mapping[str, int] | None


@dataclass(frozen=True)
class Optional:
    """What was said of the workers and of the services that are off by default."""

    workers: Wish
    profiles: Wish

    @property
    def asked(self) -> bool:
        return bool(self.workers or self.profiles)

    def chosen(self, stack: Stack, running: Mapping[str, int]) -> dict[str, int]:
        """Say how many of each of these services are to run: what was not spoken of stays as it is."""
        found: dict[str, int] = {}
        for wish, offered in ((self.workers, workers(stack)), (self.profiles, others(stack))):
            kept = {one.name: running[one.name] for one in offered.values() if running.get(one.name)}
            found |= kept if wish is None else wish
        return found


def read(stack: Stack, *, workers_text: str, profiles_text: str) -> Optional:
    return Optional(
        parse("WORKERS", workers_text, workers(stack)),
        parse("PROFILES", profiles_text, others(stack)),
    )


def workers(stack: Stack) -> dict[str, Service]:
    """Find the types of worker, by profile, and the usual one."""
    return {one.profile or USUAL: one for one in stack.service.values() if one.runs_tasks}


def others(stack: Stack) -> dict[str, Service]:
    """Find what else is optional, by profile."""
    return {one.profile: one for one in stack.service.values() if one.profile and not one.runs_tasks}


def parse(variable: str, text: str, offered: Mapping[str, Service]) -> Wish:
    """Read `2 ml sync=3`: names separated by blanks or commas, each with a number where several may run."""
    words = text.replace(",", " ").split()
    if words == [NOTHING]:
        return {}
    counts = dict(_word(variable, word, offered) for word in words)
    return {offered[name].name: count for name, count in counts.items()} or None


def _word(variable: str, word: str, offered: Mapping[str, Service]) -> tuple[str, int]:
    if word.isdecimal() and USUAL in offered:
        return USUAL, _number(variable, word, word, f"1 to {MOST}")
    found = WORD.fullmatch(word)
    name, number = found.groups() if found else (word, None)
    if name == NOTHING:
        raise BundleError(f"{variable}: {NOTHING!r} stands alone: leave the other words out.")
    if name not in offered:
        known = suggestion(name, [one for one in [*offered, NOTHING] if one])
        raise BundleError(f"{variable}: {name!r} is unknown; {known}" + ("" if known.endswith("?") else "."))
    if number is None:
        return name, 1
    if not offered[name].scalable:
        raise BundleError(f"{variable}: {word!r} is not accepted: there is one {name}, write {name} alone.")
    return name, _number(variable, word, number, f"{name}=1 to {name}={MOST}, or leave {name} out")


def _number(variable: str, word: str, number: str, accepted: str) -> int:
    if not number.isdecimal() or not 1 <= int(number) <= MOST:
        raise BundleError(f"{variable}: {word!r} is not accepted: use {accepted}.")
    return int(number)


def left_queues(stack: Stack, chosen: Mapping[str, int]) -> str:
    """Give the usual worker the queues that no type takes; empty when it takes them all.

    So no queue is ever without a worker, and what a type was switched on for runs there and nowhere else.
    """
    taken = {queue for service in chosen for queue in environment.queues_of(stack, service)}
    every = environment.queues(stack)
    left = [queue for queue in every if queue not in taken] or every[:1]
    return ",".join(left) if taken else ""
