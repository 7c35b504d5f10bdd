"""Who reads which variable, and what it is given."""

import string
from collections.abc import Iterator, Mapping

from bundle.model import Stack, Variable

# What stands for the stack's name while it is not known.
STACK = "stack"


def readers(stack: Stack, variable: Variable) -> tuple[str, ...]:
    return variable.read_by or stack.area[variable.area].read_by


def read_by(stack: Stack, service: str) -> list[Variable]:
    return [variable for variable in stack.variable.values() if service in readers(stack, variable)]


def secrets_of(stack: Stack, service: str) -> list[str]:
    """Name the secrets that a service needs, each once."""
    return list(dict.fromkeys(variable.secret for variable in read_by(stack, service) if variable.secret))


def substitute(stack: Stack, text: str, *, name: str) -> str:
    """Replace {stack}, the {..._seconds} of the invariant, and {VARIABLE} by that variable's default."""
    return text.format_map({**words(stack), STACK: name})


def words(stack: Stack) -> Mapping[str, str]:
    """Give what may stand in braces, but for the stack's name."""
    times = {word: str(seconds) for word, seconds in stack.times.chain().items()}
    defaults = {name: variable.default for name, variable in stack.variable.items() if variable.default is not None}
    return times | defaults


def placeholders(text: str) -> Iterator[str]:
    return (field for _, field, _, _ in string.Formatter().parse(text) if field is not None)
