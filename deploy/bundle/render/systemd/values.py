"""What a unit is told: values in its environment, secrets as files that only it can read."""

from collections.abc import Iterator

from bundle import environment, units
from bundle.model import Stack, Unit, Variable

PATH = "/usr/local/bin:/usr/bin:/bin"


def code(stack: Stack) -> str:
    """Give the link to the release that is in use."""
    return f"/opt/{stack.name}/current"


def name_of(unit: Unit) -> str:
    """Tell the nodes of a template apart."""
    return f"{unit.name}-%i" if unit.nodes else unit.name


def directives(stack: Stack, unit: Unit) -> Iterator[tuple[str, object]]:
    variables = environment.read_by(stack, units.service(stack, unit).name)
    if any("%t/" in (variable.unit_value or "") for variable in variables):
        yield "RuntimeDirectory", f"{stack.name}-{name_of(unit)}"
        yield "", "# Anyone may look at the age of what is in it."
        yield "RuntimeDirectoryMode", "0755"
    yield "", "# What the operator sets; it wins over the lines below it."
    yield "EnvironmentFile", f"-/etc/{stack.name}/env"
    yield from (("Environment", f"{name}={value}") for name, value in _plain(stack, unit, variables).items())
    yield "", "# Secrets: copied by systemd into a directory that only this unit can read, never in an environment."
    for variable in variables:
        yield from _secret(stack, variable)


def _plain(stack: Stack, unit: Unit, variables: list[Variable]) -> dict[str, str]:
    given = {variable.name: value(stack, unit, variable) for variable in variables}
    return {
        "PATH": f"{code(stack)}/venv/bin:{PATH}",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **{name: text for name, text in given.items() if text is not None},
    }


def value(stack: Stack, unit: Unit, variable: Variable) -> str | None:
    if variable.unit_value is not None:
        return resolved(stack, unit, variable.unit_value)
    if variable.value is None:
        return None
    return environment.substitute(stack, variable.value, name=stack.name).replace("%", "%%")


def resolved(stack: Stack, unit: Unit, text: str) -> str:
    return environment.substitute(stack, text, name=stack.name, **{environment.UNIT: name_of(unit)})


def _secret(stack: Stack, variable: Variable) -> Iterator[tuple[str, object]]:
    if not (variable.secret or variable.sensitive):
        return
    credential = variable.secret or variable.name.lower()
    yield "LoadCredential", f"{credential}:/etc/{stack.name}/credentials/{credential}"
    if not variable.secret:
        # An address with a password in it is given or not: without the file it is empty, which means unset.
        yield "SetCredential", f"{credential}:\\n"
    yield "Environment", f"{variable.name}_FILE=%d/{credential}"
