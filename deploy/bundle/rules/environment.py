"""Variables: read by somebody known, of their type, and never a secret in plain sight."""

import re
from collections.abc import Iterator
from pathlib import Path

from bundle import environment
from bundle.model import Stack, Variable
from bundle.rules.known import unknown

NAME = re.compile(r"[A-Z][A-Z0-9_]*")
SECRET_WORDS = re.compile(r"(^|_)(PASSWORD|SECRET|TOKEN|KEY)(_|$)")
# Readers that are no services: the commands of `make`, and the programs of the host runtime.
OUTSIDERS = ("make", "host")
BOOLEANS = ("True", "False")
VALUES = ("value", "container_value", "unit_value")
# Where a variable's value may stand in deploy/stack.toml.
STATED = ("default", "value", "container_value", "domain_value")


def variables_are_known(stack: Stack, root: Path) -> Iterator[str]:
    readers = [*stack.service, *OUTSIDERS]
    for name, area in stack.area.items():
        yield from unknown(f"area.{name}.read_by", area.read_by, readers)
    for name, variable in stack.variable.items():
        if not NAME.fullmatch(name):
            yield f"variable.{name}: not the name of a variable; write it in capitals, as in LOG_LEVEL"
        yield from unknown(f"variable.{name}.area", [variable.area], stack.area)
        yield from unknown(f"variable.{name}.read_by", variable.read_by, readers)
        yield from unknown(f"variable.{name}.secret", [variable.secret] if variable.secret else [], stack.secret)


def secrets_are_never_plain(stack: Stack, root: Path) -> Iterator[str]:
    for name, variable in stack.variable.items():
        hidden = bool(variable.secret) or variable.sensitive
        if SECRET_WORDS.search(name) and not hidden:
            yield f"variable.{name}: its name says that it is a secret; set `secret` to a name of [secret.*]"
        for key in STATED:
            if hidden and getattr(variable, key) is not None:
                yield f"variable.{name}.{key}: a secret never stands in this file; remove it"
        if hidden and variable.tunable:
            yield f"variable.{name}.tunable: a secret is handed over as a file only; remove it"


def secrets_are_read(stack: Stack, root: Path) -> Iterator[str]:
    used = {variable.secret for variable in stack.variable.values()}
    for name in stack.secret:
        if name not in used:
            yield f"secret.{name}: no variable reads it; name it in a variable's `secret`, or remove it"


def values_are_of_their_type(stack: Stack, root: Path) -> Iterator[str]:
    for name, variable in stack.variable.items():
        if (variable.type == "choice") != bool(variable.choices):
            yield f"variable.{name}.choices: they belong to type 'choice', and to it alone; mend one of the two"
        for key in STATED:
            value = getattr(variable, key)
            if value is not None and "{" not in value and not _accepted(variable, value):
                yield f"variable.{name}.{key}: {value!r} is not {_wanted(variable)}; correct it"


def values_of_services_are_known(stack: Stack, root: Path) -> Iterator[str]:
    """What a service sets for itself is a variable that it reads, of its type, and no secret."""
    for name, service in stack.service.items():
        known = [variable for variable in stack.variable.values() if variable.area in stack.area]
        read = {variable.name: variable for variable in known if name in environment.readers(stack, variable)}
        yield from unknown(f"service.{name}.environment", service.environment, read)
        for key, value in service.environment.items():
            variable = read.get(key)
            place = f"service.{name}.environment.{key}"
            if variable and (variable.secret or variable.sensitive):
                yield f"{place}: a secret never stands in this file; remove it"
            elif variable and "{" not in value and not _accepted(variable, value):
                yield f"{place}: {value!r} is not {_wanted(variable)}; correct it"


def placeholders_are_known(stack: Stack, root: Path) -> Iterator[str]:
    known = [environment.STACK, *environment.words(stack)]
    in_a_unit = [*known, environment.UNIT]
    for name, variable in stack.variable.items():
        for key in VALUES:
            template = getattr(variable, key) or ""
            words = in_a_unit if key == "unit_value" else known
            yield from unknown(f"variable.{name}.{key}", environment.placeholders(template), words)
        yield from unknown(
            f"variable.{name}.domain_value", environment.placeholders(variable.domain_value or ""), [environment.DOMAIN]
        )
        if variable.domain_value is not None and not variable.tunable:
            yield f"variable.{name}.domain_value: whoever starts the stack cannot set it; add `tunable = true`"
    for name, service in stack.service.items():
        for key, value in service.environment.items():
            yield from unknown(f"service.{name}.environment.{key}", environment.placeholders(value), known)


def _accepted(variable: Variable, value: str) -> bool:
    match variable.type:
        case "integer":
            return value.isdecimal()
        case "boolean":
            return value in BOOLEANS
        case "choice":
            return value in variable.choices
        case _:
            return True


def _wanted(variable: Variable) -> str:
    if variable.type == "choice":
        return f"one of {', '.join(variable.choices)}"
    return {"integer": "a whole number", "boolean": "True or False"}[variable.type]


RULES = (
    variables_are_known,
    secrets_are_never_plain,
    secrets_are_read,
    values_are_of_their_type,
    values_of_services_are_known,
    placeholders_are_known,
)
