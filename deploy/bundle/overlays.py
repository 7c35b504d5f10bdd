"""Variations of the containers: what [overlay.*] makes of the stack."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from bundle.model import Overlay, Service, Stack, Variable

FILE = "_FILE"
# Where a file of the machine that starts the stack is mounted.
MOUNTED = "/run/configs"


def vary(stack: Stack, names: Iterable[str]) -> Stack:
    """Apply the overlays that are named."""
    for name in names:
        overlay = stack.overlay[name]
        kept = {each: one for each, one in stack.service.items() if each not in overlay.without}
        stack = replace(
            stack,
            service={each: _service(one, overlay) for each, one in kept.items()},
            variable={each: _variable(one, overlay) for each, one in stack.variable.items()},
        )
    return stack


def secrets_given(stack: Stack, overlay: Overlay) -> Mapping[str, str]:
    """Give the secrets whose files the start must name, and the variable that names each."""
    stems = {name.removesuffix(FILE): name for name in overlay.required if name not in stack.variable}
    return {str(stack.variable[stem].secret): name for stem, name in stems.items()}


def files_given(stack: Stack, overlay: Overlay) -> Iterator[Variable]:
    """List the variables that name a file of the machine that starts the stack."""
    named = (stack.variable[name] for name in overlay.required if name in stack.variable)
    return (variable for variable in named if variable.type == "path")


def mounted(variable: Variable) -> str:
    return f"{MOUNTED}/{variable.name.lower()}"


def _service(service: Service, overlay: Overlay) -> Service:
    joined = overlay.networks.get(service.name) or overlay.networks.get(service.like or "")
    return replace(
        service,
        image=overlay.images.get(service.name, service.image),
        networks=(*service.networks, *([joined] if joined else [])),
        needs={name: condition for name, condition in service.needs.items() if name not in overlay.without},
        command=(*_wrapper(service, overlay), *service.command),
    )


def _wrapper(service: Service, overlay: Overlay) -> tuple[str, ...]:
    return overlay.wrapper if takes_source(service, overlay) and not service.one_shot else ()


def takes_source(service: Service, overlay: Overlay) -> bool:
    """Tell whether the checkout's code stands in the place of the image's; in what is like another, as in that."""
    return bool({service.name, service.like} & {*overlay.source})


def _variable(variable: Variable, overlay: Overlay) -> Variable:
    if variable.name in overlay.values:
        return replace(variable, container_value=overlay.values[variable.name], tunable=False)
    if variable.name in overlay.tunable:
        return replace(variable, tunable=True)
    if variable.name in overlay.required and variable.type == "path":
        return replace(variable, container_value=mounted(variable))
    return variable
