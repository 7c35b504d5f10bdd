"""The stack in the words that `docker stack deploy` takes: plain data, so that `make swarm-up` needs no YAML either.

What was measured on Docker 20.10 and its clients up to 28 stands beside what follows from it.
"""

from typing import Any

from bundle import environment
from bundle.model import Port, Service, Stack, Tmpfs
from bundle.render import container

# Docker 20.10's client refuses a file without a version, and newer versions than this.
VERSION = "3.9"
# A stack file has no word for no-new-privileges, so a program of util-linux sets it before it becomes ours.
NO_NEW_PRIVILEGES = ("setpriv", "--no-new-privs")
OWNER_ONLY = 0o400
RESTART_DELAY = "5s"


def document(stack: Stack) -> dict[str, Any]:
    return {
        "version": VERSION,
        "services": {key: _service(stack, service) for key, service in stack.service.items()},
        "networks": {key: _network(stack, key) for key in stack.network},
        "volumes": {key: {"name": f"{container.chosen_name(stack)}-{key}"} for key in stack.volume},
        "secrets": {key: _secret(stack, key) for key in stack.secret},
    }


def mesh(stack: Stack) -> dict[str, Any]:
    """Publish through Swarm's routing mesh, which needs a virtual address of the service."""
    return {
        "version": VERSION,
        "services": {
            service.name: {
                "ports": [_published(port) for port in service.port.values()],
                "deploy": {"endpoint_mode": "vip"},
            }
            for service in stack.service.values()
            if service.port and not service.profile
        },
    }


def version_variable(secret: str) -> str:
    """Name the variable that tells one content of a secret from the next: what is in a Swarm secret never changes."""
    return f"{secret.upper()}_VERSION"


def replicas_variable(service: Service) -> str:
    """Name the variable that says how many there are."""
    return f"{service.name.upper().replace('-', '_')}_REPLICAS"


def data_label(name: str) -> str:
    """Name the label of the node that holds the stack's volumes."""
    return f"{name}.data"


def _network(stack: Stack, name: str) -> dict[str, Any]:
    # A reverse proxy, or any container that is no service, may join the public network only.
    kind = {"internal": True} if stack.network[name].internal else {"attachable": True}
    return {"name": f"{container.chosen_name(stack)}-{name}", "driver": "overlay", **kind}


def _secret(stack: Stack, name: str) -> dict[str, Any]:
    version = f"${{{version_variable(name)}:-1}}"
    return {
        "name": f"{container.chosen_name(stack)}-{name}-{version}",
        "file": f"${{SECRETS_DIR:-../../.run/{stack.name}/secrets}}/{name}",
    }


def _service(stack: Stack, service: Service) -> dict[str, Any]:
    hardening = container.hardening(stack, service)
    # Said to `docker stack deploy`, it is ignored with a warning.
    del hardening["security_opt"]
    return container.without_empty(
        {
            "image": container.reference(stack, stack.image[service.image]),
            **_process(stack, service),
            "environment": {
                **container.plain_environment(stack, service, name=container.chosen_name(stack)),
                **container.secret_files(stack, service),
            },
            "secrets": [_mounted(stack, service, name) for name in environment.secrets_of(stack, service.name)],
            **hardening,
            "volumes": _mounts(stack, service),
            "networks": {network: _aliases(stack, service, network) for network in service.networks},
            "healthcheck": container.healthcheck(stack, service),
            **container.stop(stack, service),
            "logging": container.logging(stack),
            "deploy": _deploy(stack, service),
        }
    )


def _process(stack: Stack, service: Service) -> dict[str, Any]:
    """Lower the privileges of our own scripts; an image with an entrypoint of its own does it there."""
    process = container.process(stack, service)
    return {**process, "entrypoint": [*NO_NEW_PRIVILEGES, *process["entrypoint"]] if process["entrypoint"] else []}


def _mounted(stack: Stack, service: Service, name: str) -> dict[str, Any]:
    uid = str(stack.image[service.image].uid)
    return {"source": name, "target": name, "uid": uid, "gid": uid, "mode": OWNER_ONLY}


def _mounts(stack: Stack, service: Service) -> list[dict[str, Any]]:
    """Use the long form throughout: `tmpfs` and `shm_size` are ignored without a word."""
    memory = [*service.tmpfs, *_shared_memory(service)]
    image = stack.image[service.image]
    places = {name: image.volume or path for name, path in service.volumes.items()}
    kept = [{"type": "volume", "source": name, "target": path} for name, path in places.items()]
    return [*(_tmpfs(directory) for directory in memory), *kept, *container.idle(image)]


def _shared_memory(service: Service) -> list[Tmpfs]:
    size = service.resources.shm_mb
    return [Tmpfs(path="/dev/shm", size_mb=size, mode="1777", owned=False)] if size else []  # noqa: S108


def _tmpfs(directory: Tmpfs) -> dict[str, Any]:
    """Say its size; it belongs to root and takes the mode of the directory that it covers in the image."""
    return {"type": "tmpfs", "target": directory.path, "tmpfs": {"size": directory.size_mb * 1024**2}}


def _aliases(stack: Stack, service: Service, network: str) -> dict[str, Any]:
    alias = f"{container.chosen_name(stack)}-{service.name}"
    return {"aliases": [alias]} if stack.network[network].internal else {}


def _deploy(stack: Stack, service: Service) -> dict[str, Any]:
    # Names lead to the containers themselves: a virtual address needs IPVS in the kernel, and forgets connections that
    # are idle for 15 minutes, as those to PostgreSQL are.
    resources = {"limits": _limits(service), **container.reservations(service).get("resources", {})}
    common = {**_scale(service), "endpoint_mode": "dnsrr", "resources": resources}
    if service.one_shot:
        return {**common, "restart_policy": {"condition": "none"}}
    placement = {"constraints": [f"node.labels.{data_label(container.chosen_name(stack))} == true"]}
    return {
        **common,
        **({"placement": placement} if service.volumes else {}),
        "restart_policy": {"condition": "any", "delay": RESTART_DELAY},
        "update_config": _change(service, "rollback"),
        "rollback_config": _change(service, "pause"),
    }


def _scale(service: Service) -> dict[str, Any]:
    """Let the start choose how many there are of what can be several; an optional service has none until asked for."""
    if service.profile:
        return {"replicas": f"${{{replicas_variable(service)}:-0}}"}
    many = service.scalable or service.port
    return {"replicas": f"${{{replicas_variable(service)}:-1}}" if many else 1}


def _limits(service: Service) -> dict[str, Any]:
    resources = service.resources
    cpus = {"cpus": str(resources.cpus)} if resources.cpus else {}
    return {"memory": f"{resources.memory_mb}m", "pids": resources.pids, **cpus}


def _change(service: Service, failure: str) -> dict[str, Any]:
    """Replace one container at a time and watch it as long as a bad one needs to be found unhealthy.

    What answers from outside is started before the old one ends; two of anything else are never there at once.
    """
    health = service.health
    seconds = health.interval_seconds * health.retries if health else 0
    return {
        "parallelism": 1,
        "order": "start-first" if service.port else "stop-first",
        "failure_action": failure,
        "monitor": f"{seconds}s",
    }


def _published(port: Port) -> dict[str, Any]:
    published = f"${{{port.name.upper()}_PORT:-{port.published}}}"
    return {"target": port.container, "published": published, "mode": "ingress"}
