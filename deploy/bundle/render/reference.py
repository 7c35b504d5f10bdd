"""docs/reference: what deploy/stack.toml says, as pages to look things up in."""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

from bundle import environment
from bundle.model import Service, Stack, Variable
from bundle.render import arguments, origin

RUNBOOKS = "../runbooks"
READERS = {"make": "`make`", "host": "host runtime"}


def render(stack: Stack) -> dict[str, str]:
    return {
        "environment.md": _page("Environment", _environment(stack)),
        "services.md": _page("Services", _services(stack)),
        "stack.md": _page("deploy/stack.toml", _keys()),
    }


def _page(title: str, blocks: Iterable[str]) -> str:
    return "\n\n".join([f"<!-- {origin.LINE} -->", f"# {title}", *blocks]) + "\n"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


# --- environment.md


def _environment(stack: Stack) -> Iterable[str]:
    yield (
        "Every value is read once, at the start; a wrong one stops the start with its name and the accepted form."
        " A secret is given as a file, in `<NAME>_FILE`. *Set at the start* means: give it to `make up`, as in"
        " `make up LOG_LEVEL=DEBUG`, and every target hands it on. Everything else is changed in `deploy/stack.toml`."
    )
    for name, area in stack.area.items():
        rows = [_variable(stack, variable) for variable in stack.variable.values() if variable.area == name]
        yield f"## {area.title}"
        yield _table(("variable", "what it is", "type", "default", "handed over", "read by"), rows)


def _variable(stack: Stack, variable: Variable) -> tuple[str, ...]:
    readers = [READERS.get(reader, reader) for reader in environment.readers(stack, variable)]
    return (
        f"`{variable.name}`",
        variable.description,
        _type(variable),
        _default(variable),
        _handed(stack, variable),
        ", ".join(readers),
    )


def _type(variable: Variable) -> str:
    if variable.secret or variable.sensitive:
        return "secret" if variable.type == "text" else f"{variable.type}, secret"
    return ", ".join(f"`{choice}`" for choice in variable.choices) or variable.type


def _default(variable: Variable) -> str:
    if variable.required:
        return "none: required"
    return f"`{variable.default}`" if variable.default else "unset"


def _handed(stack: Stack, variable: Variable) -> str:
    if variable.secret:
        return f"as the file of secret `{variable.secret}`"
    if variable.tunable:
        return "set at the start"
    value = variable.value or variable.container_value
    if value is None:
        return ""
    shown = f"`{environment.substitute(stack, value, name='<stack>')}`"
    return shown if variable.value else f"{shown} (containers)"


# --- services.md


def _services(stack: Stack) -> Iterable[str]:
    yield "`<stack>` is the stack's name (`STACK_NAME`)."
    yield _table(("service", "what it is", "image", "memory", "pids", "stops within", "needs"), _limits(stack))
    yield "## Health checks"
    heads = ("service", "probe", "every", "unhealthy after", "grace at the start", "runbook")
    yield _table(heads, _health(stack))
    yield "## Ports"
    yield _table(("service", "published", "in the container", "variables"), _ports(stack))
    yield "## Networks"
    yield _table(("network", "way out", "services"), _networks(stack))
    yield "## Volumes"
    yield _table(("volume", "what is lost with it", "mounted"), _volumes(stack))
    yield "## Secrets"
    yield _table(("secret", "what it opens", "read by"), _secrets(stack))
    yield "## Settings of the servers"
    yield _table(("service", "arguments"), _settings(stack))
    yield "## Programs of the host runtime"
    yield _table(("program", "service", "group", "command"), _programs(stack))
    yield "## Times"
    yield _table(("time", "seconds"), [(name, str(value)) for name, value in stack.times.chain().items()])


def _limits(stack: Stack) -> Iterable[tuple[str, ...]]:
    for name, service in stack.service.items():
        seconds = stack.times.grace_seconds if service.runs_tasks else service.stop_seconds
        needs = ", ".join(f"{other} {condition}" for other, condition in service.needs.items())
        limits = (f"{service.resources.memory_mb} MiB", str(service.resources.pids), f"{seconds} s")
        yield (f"`<stack>-{name}`", service.description, f"`{service.image}`", *limits, needs)


def _health(stack: Stack) -> Iterable[tuple[str, ...]]:
    for name, service in stack.service.items():
        yield (name, *_probe(service), f"[{service.runbook}]({RUNBOOKS}/{service.runbook})")


def _probe(service: Service) -> tuple[str, ...]:
    health = service.health
    if health is None:
        return ("its exit code: it runs once", "", "", "")
    seconds = (health.interval_seconds, health.interval_seconds * health.retries, health.start_period_seconds)
    command = " ".join(health.command).replace("\r", "\\r").replace("\n", "\\n")
    return (f"`{command}`", *(f"{number} s" for number in seconds))


def _ports(stack: Stack) -> Iterable[tuple[str, ...]]:
    for name, service in stack.service.items():
        for port in service.port.values():
            variables = f"`{port.name.upper()}_BIND`, `{port.name.upper()}_PORT`"
            yield (name, f"{port.bind}:{port.published}", str(port.container), variables)


def _networks(stack: Stack) -> Iterable[tuple[str, ...]]:
    for name, network in stack.network.items():
        members = [service.name for service in stack.service.values() if name in service.networks]
        yield (f"`<stack>-{name}`", "none" if network.internal else "yes", ", ".join(members))


def _volumes(stack: Stack) -> Iterable[tuple[str, ...]]:
    for name, volume in stack.volume.items():
        mounts = [f"{each.name}: `{each.volumes[name]}`" for each in stack.service.values() if name in each.volumes]
        yield (f"`<stack>-{name}`", volume.description, ", ".join(mounts))


def _secrets(stack: Stack) -> Iterable[tuple[str, ...]]:
    for name, secret in stack.secret.items():
        users = [service for service in stack.service if name in environment.secrets_of(stack, service)]
        yield (f"`{name}`", secret.description, ", ".join(users))


def _settings(stack: Stack) -> Iterable[tuple[str, ...]]:
    for name, service in stack.service.items():
        if service.settings:
            yield (name, f"`{' '.join(arguments.settings(service))}`")


def _programs(stack: Stack) -> Iterable[tuple[str, ...]]:
    for name, program in stack.program.items():
        yield (f"`{name}`", program.service, program.group, f"`{' '.join(program.command)}`")


# --- stack.md: from the metadata of the model


def _keys() -> Iterable[str]:
    yield "Every key of the source, from the dataclasses that read it (`deploy/bundle/model.py`)."
    yield from _section(Stack, "Top of the file", "")


def _section(model: type[Any], title: str, place: str) -> Iterable[str]:
    hints = get_type_hints(model)
    keys = [each for each in fields(model) if "help" in each.metadata]
    yield f"## {title}"
    yield " ".join((model.__doc__ or "").split())
    yield _table(("key", "type", "default", "what it is"), [_key(each, hints[each.name]) for each in keys])
    for each in keys:
        inner = _model(hints[each.name])
        if inner:
            path = f"{place}.{each.name}".lstrip(".") + _member(hints[each.name])
            yield from _section(inner, f"`[{path}]`", path)


def _key(each: "Field[Any]", hint: Any) -> tuple[str, ...]:
    choices = ", ".join(f"`{choice}`" for choice in each.metadata["choices"])
    what = each.metadata["help"] + (f" ({choices})" if choices else "")
    return (f"`{each.name}`", _word(hint), _key_default(each), what)


def _key_default(each: "Field[Any]") -> str:
    if each.default is MISSING:
        return "none" if each.default_factory is not MISSING else "required"
    if isinstance(each.default, bool):
        return str(each.default).lower()
    return "none" if each.default in (None, ()) else f"`{each.default}`"


def _model(hint: Any) -> type[Any] | None:
    """Find the dataclass in a hint: itself, optional, in a list or in a family of tables."""
    for found in (hint, *get_args(hint)):
        if isinstance(found, type) and is_dataclass(found):
            return found
    return None


def _member(hint: Any) -> str:
    return ".*" if get_origin(hint) is Mapping else "[]" if get_origin(hint) is tuple else ""


def _word(hint: Any) -> str:
    if _model(hint):
        return {"": "table", ".*": "tables", "[]": "list of tables"}[_member(hint)]
    plain = {str: "text", int: "number", float: "number", bool: "true or false"}
    kinds = {tuple: "list of text", Mapping: "table of text"}
    return kinds.get(get_origin(hint)) or next(plain[kind] for kind in (hint, *get_args(hint)) if kind in plain)
