"""Read deploy/swarm/stack.yaml."""

import shlex

from bundle.equivalence import compose, facts, words
from bundle.equivalence.facts import Facts, Value
from bundle.model import Stack

# `docker stack deploy` keeps the content of the file in the swarm; no other host needs the file.
SOURCE = "a secret of the swarm"
# What lowers the privileges where no word of the file does.
WRAPPER = ["setpriv", "--no-new-privs"]


def read(stack: Stack, text: str) -> dict[str, Facts]:
    return {name: Facts(_values(service.values)) for name, service in compose.read(stack, text).items()}


def _values(values: dict[str, Value]) -> dict[str, Value]:
    kept: dict[str, Value] = {"secret_source": SOURCE} if "secret_source" in values else {}
    return _unwrapped(values) | kept


def _unwrapped(values: dict[str, Value]) -> dict[str, Value]:
    """Take the program that lowers the privileges for what it says, not for the service's own."""
    line = [*shlex.split(str(values.get("command", ""))), *shlex.split(str(values.get("arguments", "")))]
    if line[: len(WRAPPER)] != WRAPPER:
        return values
    rest = {aspect: value for aspect, value in values.items() if aspect not in ("command", "arguments")}
    return rest | facts.said(**words.started(line[len(WRAPPER) :]), privileges=words.NO_NEW_ONES)
