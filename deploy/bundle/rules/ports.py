"""Nothing is published by accident."""

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

from bundle.model import Port, Stack


def ports_are_unique(stack: Stack, root: Path) -> Iterator[str]:
    seen: dict[int | str, str] = {}
    for place, port in _ports(stack):
        for what in (port.published, port.name):
            first = seen.setdefault(what, place)
            if first != place:
                yield f"{place}: {what} is taken by {first}; choose another"


def ports_are_ports(stack: Stack, root: Path) -> Iterator[str]:
    for place, port in _ports(stack):
        for key, number in (("container", port.container), ("published", port.published)):
            if not 0 < number < 65536:
                yield f"{place}.{key}: {number} is not a port; use 1 to 65535"


def ports_stay_on_loopback(stack: Stack, root: Path) -> Iterator[str]:
    for place, port in _ports(stack):
        if not _loopback(port.bind):
            yield f"{place}.bind: {port.bind!r} is not a loopback address; write 127.0.0.1, {_variable(port)} opens it"


def published_services_are_reachable(stack: Stack, root: Path) -> Iterator[str]:
    """A port published by a service that is only on internal networks answers nobody (measured)."""
    for name, service in stack.service.items():
        known = [stack.network[each] for each in service.networks if each in stack.network]
        outer = [network.name for network in known if not (network.internal or network.outbound)]
        if service.port and not outer:
            yield f"service.{name}.port: its networks publish no port; add one like public, or remove the port"
        if outer and not service.port:
            yield f"service.{name}.networks: {outer[0]!r} leads outside and it publishes nothing; remove it"


def _ports(stack: Stack) -> Iterator[tuple[str, Port]]:
    for name, service in stack.service.items():
        for port in service.port.values():
            yield f"service.{name}.port.{port.name}", port


def _variable(port: Port) -> str:
    return f"{port.name.upper()}_BIND"


def _loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def networks_are_one_thing(stack: Stack, root: Path) -> Iterator[str]:
    for name, network in stack.network.items():
        if network.internal and network.outbound:
            yield f"network.{name}: internal has no way out, and outbound is one; keep one of them"


RULES = (
    ports_are_unique,
    ports_are_ports,
    ports_stay_on_loopback,
    published_services_are_reachable,
    networks_are_one_thing,
)
