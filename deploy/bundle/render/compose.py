"""deploy/compose/compose.yaml: the stack for one host with Docker, hardened by default.

Only the names and places that a start may choose are left to interpolation; everything else is written out.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from bundle import environment
from bundle.model import Image, Port, Service, Stack, Tmpfs, Variable
from bundle.render import arguments, origin

# Read from deploy/compose, where the file lies.
ROOT = "../.."
SCRIPTS = "entrypoints/"
BUILD_SECRET = "ca"  # noqa: S105
CONDITIONS = {"healthy": "service_healthy", "completed": "service_completed_successfully"}
HEADER = f"""\
# {origin.LINE}
# `make up` starts it; whatever stands in ${{...}} may be given in the environment.
"""


def render(stack: Stack) -> dict[str, str]:
    text = yaml.dump(document(stack), Dumper=_Dumper, sort_keys=False, width=1000, default_flow_style=False)
    return {"compose.yaml": HEADER + text}


def document(stack: Stack) -> dict[str, Any]:
    name = _name(stack)
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


class _Dumper(yaml.SafeDumper):
    """Repeat instead of anchors, and indent lists below their key."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _name(stack: Stack) -> str:
    return f"${{STACK_NAME:-{stack.name}}}"


def _network(name: str, internal: bool) -> dict[str, Any]:
    return {"name": name, **({"internal": True} if internal else {})}


def _service(stack: Stack, service: Service) -> dict[str, Any]:
    entry = {
        **_origin(stack, service),
        **_process(stack, service),
        "environment": _environment(stack, service),
        "secrets": environment.secrets_of(stack, service.name),
        **_hardening(stack, service),
        **_storage(stack, service),
        **_surroundings(stack, service),
        **_life(stack, service),
        "logging": {
            "driver": "json-file",
            "options": {"max-size": f"{stack.logging.max_size_mb}m", "max-file": str(stack.logging.max_files)},
        },
    }
    return {key: value for key, value in entry.items() if value not in (None, [], {}, False)}


def _origin(stack: Stack, service: Service) -> dict[str, Any]:
    image = stack.image[service.image]
    name = {} if service.scalable else {"container_name": f"{_name(stack)}-{service.name}"}
    return {"image": _reference(stack, image), "build": _build(stack, service, image), **name}


def _reference(stack: Stack, image: Image) -> str:
    return image.reference or f"{stack.product}/{image.name}:${{TAG:-local}}"


def _build(stack: Stack, service: Service, image: Image) -> dict[str, Any] | None:
    """Let one service build an image that several use: built twice at once, the two would race for its name."""
    users = [other.name for other in stack.service.values() if other.image == image.name and not other.one_shot]
    if image.dockerfile is None or service.name not in users[:1]:
        return None
    bases = {f"{name.upper()}_IMAGE": _reference(stack, stack.image[name]) for name in image.builds_on}
    return {"context": ROOT, "dockerfile": image.dockerfile, "args": bases, "secrets": [BUILD_SECRET]}


def _process(stack: Stack, service: Service) -> dict[str, Any]:
    words = _literals([*_command(stack, service.command), *arguments.settings(service)])
    own = _literals(stack.image[service.image].entrypoint)
    # A script of ours stands in the place of the image's entrypoint: several services share one image.
    split = 1 if service.command[0].startswith(SCRIPTS) else 0
    return {"entrypoint": own or words[:split], "command": words[split:], "init": service.init}


def _command(stack: Stack, words: tuple[str, ...]) -> list[str]:
    """Find our own scripts where the image holds them."""
    first, *rest = words
    return [f"{stack.code_path}/{first}" if first.startswith(SCRIPTS) else first, *rest]


def _environment(stack: Stack, service: Service) -> dict[str, str]:
    variables = environment.read_by(stack, service.name)
    given = {
        **{variable.name: _value(stack, variable) for variable in variables},
        **{f"{variable.name}_FILE": f"/run/secrets/{variable.secret}" for variable in variables if variable.secret},
    }
    return {name: value for name, value in given.items() if value is not None}


def _value(stack: Stack, variable: Variable) -> str | None:
    template = variable.container_value or variable.value
    # The stack's name is an interpolation itself, so everything around it is made literal first.
    value = environment.substitute(stack, _literal(template), name=_name(stack)) if template is not None else None
    if variable.tunable:
        return f"${{{variable.name}:-{value or _literal(variable.default or '')}}}"
    return value


def _hardening(stack: Stack, service: Service) -> dict[str, Any]:
    uid = stack.image[service.image].uid
    resources = service.resources
    return {
        "user": f"{uid}:{uid}",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "mem_limit": f"{resources.memory_mb}m",
        "pids_limit": resources.pids,
        "cpus": resources.cpus,
        "shm_size": f"{resources.shm_mb}m" if resources.shm_mb else None,
    }


def _storage(stack: Stack, service: Service) -> dict[str, Any]:
    uid = stack.image[service.image].uid
    return {
        "tmpfs": [_tmpfs(directory, uid) for directory in service.tmpfs],
        "volumes": [f"{name}:{path}" for name, path in service.volumes.items()],
    }


def _tmpfs(directory: Tmpfs, uid: int) -> str:
    owner = f"uid={uid},gid={uid}," if directory.owned else ""
    return f"{directory.path}:size={directory.size_mb}m,mode={directory.mode},{owner}noexec,nosuid,nodev"


def _surroundings(stack: Stack, service: Service) -> dict[str, Any]:
    alias = f"{_name(stack)}-{service.name}"
    return {
        "networks": {network: _alias(stack, network, alias) for network in service.networks},
        "ports": [_port(port) for port in service.port.values()],
        "depends_on": {name: {"condition": CONDITIONS[condition]} for name, condition in service.needs.items()},
    }


def _alias(stack: Stack, network: str, alias: str) -> Mapping[str, Any]:
    """Give the name by which services find each other, on the networks between them."""
    return {"aliases": [alias]} if stack.network[network].internal else {}


def _port(port: Port) -> str:
    variable = port.name.upper()
    return f"${{{variable}_BIND:-{port.bind}}}:${{{variable}_PORT:-{port.published}}}:{port.container}"


def _life(stack: Stack, service: Service) -> dict[str, Any]:
    seconds = stack.times.grace_seconds if service.runs_tasks else service.stop_seconds
    return {
        "healthcheck": _healthcheck(stack, service),
        "restart": "no" if service.one_shot else "unless-stopped",
        "stop_signal": service.stop_signal,
        "stop_grace_period": f"{seconds}s",
    }


def _healthcheck(stack: Stack, service: Service) -> dict[str, Any]:
    health = service.health
    if health is None:
        # It runs once, from an image whose own probe asks for a process that keeps running.
        return {"disable": True}
    return {
        "test": ["CMD", *_literals(_command(stack, health.command))],
        "interval": f"{health.interval_seconds}s",
        "timeout": f"{health.timeout_seconds}s",
        "retries": health.retries,
        "start_period": f"{health.start_period_seconds}s",
    }


def _literals(words: Iterable[str]) -> list[str]:
    return [_literal(word) for word in words]


def _literal(text: str) -> str:
    """Keep Compose from interpolating a dollar sign."""
    return text.replace("$", "$$")
