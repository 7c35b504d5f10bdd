"""The nodes of the worker: `WORKERS=2,pricing` is worker@1, worker@2 and worker@pricing."""

import re
from collections.abc import Iterable, Mapping

from bundle import optional
from bundle.errors import BundleError
from bundle.model import Stack

DEFAULT = "1"
# How a type's unit names what it takes.
QUEUES = re.compile(r"^ExecStart=.*\bCELERY_QUEUES=(\S+)", re.MULTILINE)


def said(stack: Stack, wish: Mapping[str, int]) -> str:
    """Write a wish as the settings keep it: the number of usual nodes, then the types."""
    types = {kind: wish[one.name] for kind, one in optional.workers(stack).items() if kind and one.name in wish}
    if several := [kind for kind, number in types.items() if number > 1]:
        kind = several[0]
        raise BundleError(f"WORKERS: under systemd there is one {kind}: write {kind} alone.")
    usual = optional.workers(stack)[optional.USUAL].name
    return ",".join([str(wish.get(usual, DEFAULT)), *types])


def kept(stack: Stack, text: str) -> str:
    """Check what the settings file says, as a person may have written it."""
    return said(stack, optional.parse("WORKERS in the settings file", text, optional.workers(stack)) or {})


def listed(text: str) -> list[str]:
    """Name each node, as in `worker-1`."""
    words = text.replace(",", " ").split()
    usual = next((int(word) for word in words if word.isdecimal()), int(DEFAULT))
    types = [word for word in words if not word.isdecimal()]
    return [f"worker-{node}" for node in [*range(1, usual + 1), *types]]


def unit(stack: str, node: str) -> str:
    return f"{stack}-{node.replace('-', '@', 1)}.service"


def left_queues(stack: str, units: Mapping[str, str], nodes: Iterable[str]) -> str:
    """Give the usual nodes the queues that no type takes, by the release's own units; empty when they take them all."""
    queues = {name: found[1].split(",") for name, text in units.items() if (found := QUEUES.search(text))}
    taken = [queue for node in nodes for queue in queues.get(unit(stack, node), [])]
    every = [queue for named in queues.values() for queue in named]
    left = [queue for queue in every if queue not in taken] or every[:1]
    return ",".join(left) if taken else ""
