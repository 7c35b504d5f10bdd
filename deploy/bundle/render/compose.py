"""deploy/compose/compose.yaml: the stack for one host with Docker, hardened by default.

Only the names and places that a start may choose are left to interpolation; everything else is written out.
"""

from collections.abc import Mapping
from typing import Any

from bundle import environment
from bundle.model import Image, Service, Stack
from bundle.render import container, document, origin

# Read from deploy/compose, where the file lies.
ROOT = "../.."
BUILD_SECRET = "ca"  # noqa: S105
CONDITIONS = {"healthy": "service_healthy", "completed": "service_completed_successfully"}
HEADER = f"""\
# {origin.LINE}
# `make up` starts it; whatever stands in ${{...}} may be given in the environment.
"""


def render(stack: Stack) -> dict[str, str]:
    return {"compose.yaml": HEADER + document.dump(project(stack))}


def project(stack: Stack) -> dict[str, Any]:
    """Describe the whole project, as data."""
    name = container.chosen_name(stack)
    return {
        "name": name,
        "services": {key: _service(stack, service) for key, service in stack.service.items()},
        "networks": {key: _network(f"{name}-{key}", network.internal) for key, network in stack.network.items()},
        "volumes": {key: {"name": f"{name}-{key}"} for key in stack.volume},
        "secrets": {
            **{key: {"file": f"${{SECRETS_DIR:-{ROOT}/.run/{name}/secrets}}/{key}"} for key in stack.secret},
            BUILD_SECRET: {"file": "${BUILD_CA:-/dev/null}"},
        },
    }


def _network(name: str, internal: bool) -> dict[str, Any]:
    return {"name": name, **({"internal": True} if internal else {})}


def _service(stack: Stack, service: Service) -> dict[str, Any]:
    name = container.chosen_name(stack)
    return container.without_empty(
        {
            **_origin(stack, service),
            "profiles": [service.profile] if service.profile else [],
            **container.process(stack, service),
            "environment": {
                **container.plain_environment(stack, service, name=name),
                **container.secret_files(stack, service),
            },
            "secrets": environment.secrets_of(stack, service.name),
            **container.hardening(stack, service),
            **container.limits(service),
            "deploy": container.reservations(service),
            **container.storage(stack, service),
            **_surroundings(stack, service),
            "healthcheck": container.healthcheck(stack, service),
            "restart": "no" if service.one_shot else "unless-stopped",
            **container.stop(stack, service),
            "logging": container.logging(stack),
        }
    )


def _origin(stack: Stack, service: Service) -> dict[str, Any]:
    image = stack.image[service.image]
    name = {} if service.scalable else {"container_name": f"{container.chosen_name(stack)}-{service.name}"}
    return {"image": container.reference(stack, image), "build": _build(stack, service, image), **name}


def _build(stack: Stack, service: Service, image: Image) -> dict[str, Any] | None:
    """Let one service build an image that several use: built twice at once, the two would race for its name."""
    users = [other.name for other in stack.service.values() if other.image == image.name and not other.one_shot]
    if image.dockerfile is None or service.name not in users[:1]:
        return None
    bases = {f"{name.upper()}_IMAGE": container.reference(stack, stack.image[name]) for name in image.builds_on}
    return {"context": ROOT, "dockerfile": image.dockerfile, "args": bases, "secrets": [BUILD_SECRET]}


def _surroundings(stack: Stack, service: Service) -> dict[str, Any]:
    alias = f"{container.chosen_name(stack)}-{service.name}"
    return {
        "networks": {network: _alias(stack, network, alias) for network in service.networks},
        "ports": [container.port(port) for port in service.port.values()],
        "depends_on": {name: {"condition": CONDITIONS[condition]} for name, condition in service.needs.items()},
    }


def _alias(stack: Stack, network: str, alias: str) -> Mapping[str, Any]:
    """Give the name by which services find each other, on the networks between them."""
    return {"aliases": [alias]} if stack.network[network].internal else {}
