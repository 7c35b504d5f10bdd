"""deploy/systemd: the stack as units of systemd, for a Debian host without containers.

Nothing in them depends on the machine: the code is found by the link /opt/<stack>/current, whatever is to be changed
stands in /etc/<stack>. Needs Python alone, as the installer renders for the name that it was given.
"""

from bundle import units
from bundle.model import Stack
from bundle.render import origin
from bundle.render.systemd import backoff, scripts, service, socket, target

HEADER = f"# {origin.LINE}\n"


def render(stack: Stack) -> dict[str, str]:
    services = {service.file_name(stack, unit): service.text(stack, unit) for unit in stack.unit.values()}
    types = {f"{stack.name}-{name}.service": service.text(typed, unit) for name, typed, unit in units.of_types(stack)}
    sockets = {socket.file_name(stack, unit): socket.text(stack, unit) for unit in stack.unit.values() if unit.socket}
    drop_ins = {backoff.file_name(stack.name): backoff.TEXT}
    files = {f"{stack.name}.target": target.text(stack), **services, **types, **sockets, **drop_ins}
    return {**{name: HEADER + text for name, text in files.items()}, **scripts.render(origin.LINE)}
