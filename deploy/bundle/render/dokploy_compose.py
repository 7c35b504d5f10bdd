"""The Compose text for Dokploy, which writes it anew, adds networks and labels, and starts it.

What Dokploy brings is left out here: networks, published ports, container names. Secrets come from its Environment tab.
"""

import shlex
from typing import Any

from bundle import environment
from bundle.model import Image, Secret, Service, Stack
from bundle.render import container, document, origin
from bundle.render.compose import CONDITIONS

HEADER = f"# {origin.LINE}\n"
# Read from deploy/dokploy, where the file that builds lies.
ROOT = "../.."
# YAML 1.1 reads these as booleans, and Dokploy writes the text anew without quotes.
NO_PLAIN_TEXT = {"y", "yes", "n", "no", "on", "off"}
MISSING = "give it in the Environment tab"


def render(stack: Stack, *, built: bool = False) -> str:
    """Write the text; `built`: its images are built from the checkout in which it lies."""
    services = {host_name(stack, name): _service(stack, one, built=built) for name, one in stack.service.items()}
    return HEADER + document.dump({"services": services, "volumes": {name: {} for name in stack.volume}})


def host_name(stack: Stack, service: str) -> str:
    """Give the service's name in Dokploy, which is its name in the DNS of its networks."""
    return f"{stack.name}-{service}"


def asked(name: str) -> str:
    """Let Compose stop with one sentence when the Environment tab lacks a value."""
    return f"${{{name}:?{MISSING}}}"


def _service(stack: Stack, service: Service, *, built: bool) -> dict[str, Any]:
    return container.without_empty(
        {
            **(_built(stack, service) if built else _pulled(stack, service)),
            "profiles": [service.profile] if service.profile else [],
            "scale": f"${{{_replicas(service)}:-1}}" if service.scalable else None,
            **_process(stack, service),
            "environment": {
                **container.plain_environment(stack, service, name=stack.name),
                **_secrets(stack, service),
            },
            **container.hardening(stack, service),
            **container.limits(service),
            "deploy": container.reservations(service),
            **container.storage(stack, service),
            "expose": [port.container for port in service.port.values()],
            "depends_on": {
                host_name(stack, name): {"condition": CONDITIONS[condition]}
                for name, condition in service.needs.items()
            },
            "healthcheck": container.healthcheck(stack, service),
            # Compose restarts nothing by itself: a plain `no` would be one of the words that are no text in YAML 1.1.
            "restart": None if service.one_shot else "unless-stopped",
            **container.stop(stack, service),
            "logging": container.logging(stack),
        }
    )


def _replicas(service: Service) -> str:
    """Name the variable of the Environment tab: an edit of the text is lost with the next `make dokploy-apply`."""
    return f"{service.name.upper().replace('-', '_')}_REPLICAS"


def _process(stack: Stack, service: Service) -> dict[str, Any]:
    """Write a command as one line where one of its words would not stay text."""
    process = container.process(stack, service)
    words = process["command"]
    return {**process, "command": shlex.join(words) if NO_PLAIN_TEXT & {word.lower() for word in words} else words}


def _secrets(stack: Stack, service: Service) -> dict[str, str]:
    """Hand secrets over as variables: under a raw import neither Compose secrets nor the modes of files are proven."""
    variables = environment.read_by(stack, service.name)
    return {variable.name: _tab(stack.secret[variable.secret]) for variable in variables if variable.secret}


def _tab(secret: Secret) -> str:
    return f"${{{secret.name.upper()}:-}}" if secret.given else asked(secret.name.upper())


def _pulled(stack: Stack, service: Service) -> dict[str, Any]:
    image = stack.image[service.image]
    return {"image": image.reference or f"{asked('REGISTRY')}/{image.name}:{asked('TAG')}"}


def _built(stack: Stack, service: Service) -> dict[str, Any]:
    """Build an image once, for the first service that uses it; COMPOSE_PROJECT_NAME keeps two stacks' images apart."""
    image = stack.image[service.image]
    if image.dockerfile is None:
        return _pulled(stack, service)
    name = f"${{COMPOSE_PROJECT_NAME:-{stack.name}}}/{image.name}:built"
    return {"image": name, "build": _build(stack, image) if service is _builder(stack, image) else None}


def _builder(stack: Stack, image: Image) -> Service:
    return next(one for one in stack.service.values() if one.image == image.name and not one.one_shot)


def _build(stack: Stack, image: Image) -> dict[str, Any]:
    """Name what an image is built on as another service's build: every builder then knows the order.

    The base is not named: a Dockerfile takes debian:trixie-slim by itself.
    """
    below = [stack.image[name] for name in image.builds_on if stack.image[name].dockerfile]
    return container.without_empty(
        {
            "context": ROOT,
            "dockerfile": image.dockerfile,
            "args": {f"{other.name.upper()}_IMAGE": f"{other.name}-image" for other in below},
            "additional_contexts": {
                f"{other.name}-image": f"service:{host_name(stack, _builder(stack, other).name)}" for other in below
            },
        }
    )
