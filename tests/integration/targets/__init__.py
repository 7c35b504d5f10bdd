"""Every way of running the stack, by the name of its folder in deploy/; a new target is one module and one line."""

from tests.integration.stacks import Stack
from tests.integration.targets.compose import Compose
from tests.integration.targets.dokploy import Dokploy
from tests.integration.targets.host import Host
from tests.integration.targets.swarm import Swarm
from tests.integration.targets.systemd import Systemd

TARGETS: dict[str, type[Stack]] = {
    "host": Host,
    "compose": Compose,
    "dokploy": Dokploy,
    "swarm": Swarm,
    "systemd": Systemd,
}
# What the host needs no engine for.
WITHOUT_ENGINE = ("host",)
