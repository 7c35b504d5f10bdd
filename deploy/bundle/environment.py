"""Who reads which variable, and what it is given."""

import string
from collections.abc import Iterator, Mapping

from bundle.model import Stack, Variable

# What stands for the stack's name while it is not known.
STACK = "stack"
# What stands for a unit's name, with %i for its node.
UNIT = "unit"
# What stands for the web's domain, which only the target knows.
DOMAIN = "domain"
# What stands for all queues, and the variable in which a type of worker names its own.
QUEUES = "queues"
TAKEN = "CELERY_QUEUES"


def readers(stack: Stack, variable: Variable) -> tuple[str, ...]:
    """Name who reads it: what is like a reader reads it too."""
    named = variable.read_by or stack.area[variable.area].read_by
    alike = (name for name, service in stack.service.items() if service.like in named)
    return tuple(dict.fromkeys((*named, *alike)))


def read_by(stack: Stack, service: str) -> list[Variable]:
    return [variable for variable in stack.variable.values() if service in readers(stack, variable)]


def secrets_of(stack: Stack, service: str) -> list[str]:
    """Name the secrets that a service needs, each once."""
    return list(dict.fromkeys(variable.secret for variable in read_by(stack, service) if variable.secret))


def substitute(stack: Stack, text: str, *, name: str, **others: str) -> str:
    """Replace {stack}, the {..._seconds} of the invariant, and {VARIABLE} by that variable's default."""
    return text.format_map({**words(stack), STACK: name, **others})


def words(stack: Stack) -> Mapping[str, str]:
    """Give what may stand in braces, but for the stack's name."""
    times = {word: str(seconds) for word, seconds in stack.times.chain().items()}
    defaults = {name: variable.default for name, variable in stack.variable.items() if variable.default is not None}
    return times | defaults | {QUEUES: ",".join(queues(stack))}


def queues(stack: Stack) -> list[str]:
    """List every queue, each once: those that the types of worker take."""
    return list(dict.fromkeys(queue for service in stack.service for queue in queues_of(stack, service)))


def queues_of(stack: Stack, service: str) -> list[str]:
    """List the queues that a type of worker takes; none for a service that takes whatever there is."""
    named = stack.service[service].environment.get(TAKEN)
    return named.split(",") if named else []


def placeholders(text: str) -> Iterator[str]:
    return (field for _, field, _, _ in string.Formatter().parse(text) if field is not None)
