"""What every target with containers says of a service, in the words of the Compose specification.

`name` is the stack's name as the target writes it: plain text, or an interpolation that the start fills in.
"""

from collections.abc import Iterable
from typing import Any

from bundle import environment
from bundle.model import Image, Port, Service, Stack, Tmpfs, Variable
from bundle.render import arguments

SCRIPTS = "entrypoints/"
# Of a directory that stays empty.
IDLE_MB = 1


def chosen_name(stack: Stack) -> str:
    """Let the start choose the stack's name."""
    return f"${{STACK_NAME:-{stack.name}}}"


def reference(stack: Stack, image: Image) -> str:
    return image.reference or f"${{REGISTRY:-{stack.product}}}/{image.name}:${{TAG:-local}}"


def process(stack: Stack, service: Service) -> dict[str, Any]:
    image = stack.image[service.image]
    words = literals([*command(stack, service.command), *arguments.settings(service), *image.arguments])
    own = literals(image.entrypoint)
    # A script of ours stands in the place of the image's entrypoint: several services share one image.
    split = 1 if service.command[0].startswith(SCRIPTS) else 0
    return {"entrypoint": own or words[:split], "command": words[split:], "init": service.init}


def command(stack: Stack, words: tuple[str, ...]) -> list[str]:
    """Find our own scripts where the image holds them."""
    first, *rest = words
    return [f"{stack.code_path}/{first}" if first.startswith(SCRIPTS) else first, *rest]


def plain_environment(stack: Stack, service: Service, *, name: str) -> dict[str, str]:
    """Give what is no secret."""
    given = {variable.name: value(stack, variable, name=name) for variable in environment.read_by(stack, service.name)}
    # Its own words are fixed: what the start chooses is meant for the service that it is like.
    own = {key: environment.substitute(stack, literal(text), name=name) for key, text in service.environment.items()}
    return {variable: text for variable, text in (given | own).items() if text is not None}


def secret_files(stack: Stack, service: Service) -> dict[str, str]:
    """Say where each secret is mounted."""
    variables = environment.read_by(stack, service.name)
    return {f"{variable.name}_FILE": f"/run/secrets/{variable.secret}" for variable in variables if variable.secret}


def value(stack: Stack, variable: Variable, *, name: str) -> str | None:
    template = variable.container_value or variable.value
    # The stack's name may be an interpolation itself, so everything around it is made literal first.
    text = environment.substitute(stack, literal(template), name=name) if template is not None else None
    if variable.tunable:
        return f"${{{variable.name}:-{text or literal(variable.default or '')}}}"
    return text


def hardening(stack: Stack, service: Service) -> dict[str, Any]:
    uid = stack.image[service.image].uid
    return {
        "user": f"{uid}:{uid}",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
    }


def limits(service: Service) -> dict[str, Any]:
    resources = service.resources
    return {
        "mem_limit": f"{resources.memory_mb}m",
        "pids_limit": resources.pids,
        "cpus": resources.cpus,
        "shm_size": f"{resources.shm_mb}m" if resources.shm_mb else None,
    }


def reservations(service: Service) -> dict[str, Any]:
    """Say what is kept free for it; one host alone keeps the memory only."""
    cpus, memory = service.resources.reserved_cpus, service.resources.reserved_memory_mb
    given = {"cpus": f"{cpus:g}" if cpus else None, "memory": f"{memory}m" if memory else None}
    return {"resources": {"reservations": without_empty(given)}} if any(given.values()) else {}


def storage(stack: Stack, service: Service) -> dict[str, Any]:
    image = stack.image[service.image]
    return {
        "tmpfs": [tmpfs(directory, image.uid) for directory in service.tmpfs],
        "volumes": [*(f"{name}:{image.volume or path}" for name, path in service.volumes.items()), *idle(image)],
    }


def idle(image: Image) -> list[dict[str, Any]]:
    """Cover what the image declares in vain."""
    place = image.idle_volume
    return [{"type": "tmpfs", "target": place, "tmpfs": {"size": IDLE_MB * 1024**2}}] if place else []


def tmpfs(directory: Tmpfs, uid: int) -> str:
    owner = f"uid={uid},gid={uid}," if directory.owned else ""
    return f"{directory.path}:size={directory.size_mb}m,mode={directory.mode},{owner}noexec,nosuid,nodev"


def port(port: Port) -> str:
    return f"${{{port.name.upper()}_BIND:-{port.bind}}}:{port_pair(port)}"


def port_pair(port: Port) -> str:
    """Give the port of the host, which the start may choose, and the container's."""
    return f"${{{port.name.upper()}_PORT:-{port.published}}}:{port.container}"


def stop(stack: Stack, service: Service) -> dict[str, str]:
    seconds = stack.times.grace_seconds if service.runs_tasks else service.stop_seconds
    return {"stop_signal": service.stop_signal, "stop_grace_period": f"{seconds}s"}


def logging(stack: Stack) -> dict[str, Any]:
    """Rotate, in a driver that `docker logs` reads."""
    size, files = f"{stack.logging.max_size_mb}m", str(stack.logging.max_files)
    return {"driver": "json-file", "options": {"max-size": size, "max-file": files}}


def healthcheck(stack: Stack, service: Service) -> dict[str, Any]:
    health = service.health
    if health is None:
        # It runs once, from an image whose own probe asks for a process that keeps running.
        return {"disable": True}
    return {
        "test": ["CMD", *literals(command(stack, health.command))],
        "interval": f"{health.interval_seconds}s",
        "timeout": f"{health.timeout_seconds}s",
        "retries": health.retries,
        "start_period": f"{health.start_period_seconds}s",
    }


def without_empty(entry: dict[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing."""
    return {key: each for key, each in entry.items() if each not in (None, [], {}, False)}


def literals(words: Iterable[str]) -> list[str]:
    return [literal(word) for word in words]


def literal(text: str) -> str:
    """Keep Compose from interpolating a dollar sign."""
    return text.replace("$", "$$")
