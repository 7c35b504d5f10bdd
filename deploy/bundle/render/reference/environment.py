"""environment.md: every variable, who reads it, and what each target hands over."""

from collections.abc import Iterable, Iterator

from bundle import environment
from bundle.aspects import CONTAINERS, EVERYWHERE
from bundle.model import Stack, Variable
from bundle.render.reference.page import code, codes, link, table

FILE = "environment.md"
READERS = {"make": "`make`", "host": "host runtime"}
AT_THE_START = "set at the start"
INTRODUCTION = """\
Every value is read once, at the start; a wrong one stops the start with its name and the accepted form. A secret is
given as a file, in `<NAME>_FILE`.

*Set at the start* means: give it to `make up`, as in `make up LOG_LEVEL=DEBUG`, in `/etc/<stack>/env` with systemd, in
the Environment tab with Dokploy. Everything else is changed in `deploy/stack.toml`. Where a variable is handed over by
some [targets](targets.md) only, they are named; the others leave it unset, or `make up` finds its value."""


def blocks(stack: Stack) -> Iterator[str]:
    yield INTRODUCTION
    for name, area in stack.area.items():
        rows = [_row(stack, variable) for variable in stack.variable.values() if variable.area == name]
        yield f"## {area.title}"
        yield table(("variable", "what it is", "type", "default", "handed over", "read by"), rows)


def handed_over(stack: Stack, variable: Variable) -> dict[str, str]:
    """Say for each target what it gives to the services that read a variable."""
    if not any(reader in stack.service for reader in environment.readers(stack, variable)):
        return {}
    if variable.secret:
        return dict.fromkeys(EVERYWHERE, f"secret `{variable.secret}`")
    everywhere = AT_THE_START if variable.tunable else _value(stack, variable.value)
    given = {
        **dict.fromkeys(EVERYWHERE, everywhere),
        **dict.fromkeys(CONTAINERS, AT_THE_START if variable.tunable else _in_containers(stack, variable)),
        "systemd": _in_a_unit(stack, variable) or everywhere,
    }
    return {target: text for target, text in given.items() if text}


def _in_containers(stack: Stack, variable: Variable) -> str:
    return _value(stack, variable.container_value or variable.value)


def _in_a_unit(stack: Stack, variable: Variable) -> str:
    return f"credential `{variable.name.lower()}`" if variable.sensitive else _value(stack, variable.unit_value)


def _value(stack: Stack, template: str | None) -> str:
    return code(environment.substitute(stack, template or "", name="<stack>", unit="<unit>"))


def _row(stack: Stack, variable: Variable) -> tuple[str, ...]:
    # What is like a reader reads it too, which the page of services says.
    alike = {name for name, service in stack.service.items() if service.like}
    readers = [reader for reader in environment.readers(stack, variable) if reader not in alike]
    return (
        code(variable.name),
        variable.description,
        _type(variable),
        _default(variable),
        _grouped(handed_over(stack, variable)),
        ", ".join(READERS[reader] if reader in READERS else link(reader, "services.md", reader) for reader in readers),
    )


def _type(variable: Variable) -> str:
    word = codes(variable.choices) or variable.type
    return f"{word}, **secret**" if variable.secret or variable.sensitive else word


def _default(variable: Variable) -> str:
    if variable.required:
        return "none: required"
    return code(variable.default or "") or "unset"


def _grouped(given: dict[str, str]) -> str:
    """Name the targets only where they differ."""
    values = dict.fromkeys(given.values())
    if len(values) == 1 and len(given) == len(EVERYWHERE):
        return next(iter(values))
    return "; ".join(f"{_targets(given, value)}: {value}" for value in values)


def _targets(given: dict[str, str], value: str) -> str:
    return ", ".join(target for target in given if given[target] == value)


def names(stack: Stack) -> Iterable[tuple[str, str, str]]:
    for name, variable in stack.variable.items():
        yield name, "variable", link(FILE, FILE, stack.area[variable.area].title)
