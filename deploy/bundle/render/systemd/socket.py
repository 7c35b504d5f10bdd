"""The address of a service, held by systemd: whoever connects while the service restarts waits, and is not refused."""

from bundle import units
from bundle.model import Stack, Unit
from bundle.render.systemd import service

TEXT = """\
[Unit]
Description={product} ({stack}): address of the {name}
PartOf={stack}.target

[Socket]
# From WEB_BIND and WEB_PORT, by a drop-in that the installer writes.
ListenStream={bind}:{port}

[Install]
WantedBy={stack}.target
"""


def file_name(stack: Stack, unit: Unit) -> str:
    return service.socket_name(stack, unit)


def text(stack: Stack, unit: Unit) -> str:
    (port,) = units.service(stack, unit).port.values()
    return TEXT.format(product=stack.product, stack=stack.name, name=unit.name, bind=port.bind, port=port.published)
