"""services.md: what runs, one section for each service; then what they share."""

from collections.abc import Iterable, Iterator

from bundle import environment, programs, units
from bundle.model import Resources, Service, Stack
from bundle.render import arguments
from bundle.render.reference.page import code, codes, link, runbook, table

FILE = "services.md"
Row = tuple[str, str]


def blocks(stack: Stack) -> Iterator[str]:
    yield "`<stack>` is the stack's name (`STACK_NAME`). Where a service runs: [targets.md](targets.md)."
    yield table(("service", "what it is", "runbook"), [_summary(service) for service in stack.service.values()])
    for service in stack.service.values():
        yield f"## {service.name}"
        yield f"{service.description}."
        yield table(("", ""), [(key, value) for key, value in _section(stack, service) if value])
    yield from _shared(stack)


def _summary(service: Service) -> tuple[str, ...]:
    return (link(service.name, "", service.name), service.description, runbook(service.runbook))


def _section(stack: Stack, service: Service) -> Iterator[Row]:
    yield from _process(stack, service)
    yield from _health(service)
    yield "when it is unhealthy or has failed", runbook(service.runbook)
    yield from _limits(stack, service)
    yield from _surroundings(stack, service)
    yield "program of the host runtime", _links(programs.of_service(stack, service.name), "Programs")
    yield "unit of systemd", _links([unit.name for unit in units.of_service(stack, service.name)], "Units")


def _process(stack: Stack, service: Service) -> Iterator[Row]:
    yield "container", code(f"<stack>-{service.name}" + ("-<number>" if service.scalable else ""))
    yield "image", code(service.image)
    yield "like", link(service.like, "", service.like) if service.like else ""
    yield "command", code(" ".join(service.command))
    yield "settings", code(" ".join(arguments.settings(service)))
    yield "only with the profile", code(service.profile or "")
    yield "runs once per deploy", "yes" if service.one_shot else ""


def _health(service: Service) -> Iterator[Row]:
    health = service.health
    if health is None:
        yield "health", "its exit code"
        return
    yield "health", code(_one_line(health.command))
    yield "is asked", f"every {health.interval_seconds} s, for {health.timeout_seconds} s at most"
    seconds = health.interval_seconds * health.retries
    yield "is unhealthy", f"after {health.retries} failures, {seconds} s"
    yield "failures count", f"from {health.start_period_seconds} s after the start"


def _one_line(command: Iterable[str]) -> str:
    return " ".join(command).replace("\r", "\\r").replace("\n", "\\n")


def _limits(stack: Stack, service: Service) -> Iterator[Row]:
    resources = service.resources
    seconds = stack.times.grace_seconds if service.runs_tasks else service.stop_seconds
    yield "memory", f"{resources.memory_mb} MiB"
    yield "processes and threads", str(resources.pids)
    yield "processors", str(resources.cpus or "")
    yield "kept free for it", _reserved(resources)
    yield "shared memory", f"{resources.shm_mb} MiB" if resources.shm_mb else ""
    yield "in memory", ", ".join(f"{code(each.path)} {each.size_mb} MiB" for each in service.tmpfs)
    yield "stops within", f"{seconds} s of {service.stop_signal}"


def _reserved(resources: Resources) -> str:
    memory, cpus = resources.reserved_memory_mb, resources.reserved_cpus
    return ", ".join([*([f"{memory} MiB"] if memory else []), *([f"{cpus:g} processors"] if cpus else [])])


def _surroundings(stack: Stack, service: Service) -> Iterator[Row]:
    needs = (f"{link(other, '', other)} {condition}" for other, condition in service.needs.items())
    yield "needs", ", ".join(needs)
    yield "networks", _links(service.networks, "Networks", "")
    yield "ports", ", ".join(f"{code(port.name)} {port.bind}:{port.published}" for port in service.port.values())
    yield "volumes", ", ".join(f"{code(name)} at {code(path)}" for name, path in service.volumes.items())
    yield "secrets", _links(environment.secrets_of(stack, service.name), "Secrets", "")
    read = [variable.name for variable in environment.read_by(stack, service.name)]
    yield "reads", codes(read)
    yield "is given for itself", codes(f"{name}={value}" for name, value in service.environment.items())


def _links(words: Iterable[str], title: str, file: str = "targets.md") -> str:
    return ", ".join(link(code(word), file, title) for word in words)


# --- what the services share


def _shared(stack: Stack) -> Iterator[str]:
    yield "## Images"
    yield table(("image", "made from", "uid"), _images(stack))
    yield "## Ports"
    yield table(("port", "service", "published", "in the container", "variables"), _ports(stack))
    yield "## Networks"
    yield table(("network", "way out", "services"), _networks(stack))
    yield "## Volumes"
    yield table(("volume", "what is lost with it", "mounted"), _volumes(stack))
    yield "## Secrets"
    yield table(("secret", "what it opens", "read by"), _secrets(stack))
    yield "## Times"
    yield "Each is below the next: whoever breaks the chain loses a running task at a stop, or runs it twice."
    yield table(("time", "seconds"), [(name, str(value)) for name, value in stack.times.chain().items()])


def _images(stack: Stack) -> Iterator[tuple[str, ...]]:
    for name, image in stack.image.items():
        yield code(name), code(image.dockerfile or image.script or image.reference or ""), str(image.uid)


def _ports(stack: Stack) -> Iterator[tuple[str, ...]]:
    for name, service in stack.service.items():
        for port in service.port.values():
            variables = codes([f"{port.name.upper()}_BIND", f"{port.name.upper()}_PORT"])
            yield code(port.name), name, f"{port.bind}:{port.published}", str(port.container), variables


def _networks(stack: Stack) -> Iterator[tuple[str, ...]]:
    for name, network in stack.network.items():
        members = [service.name for service in stack.service.values() if name in service.networks]
        yield f"`<stack>-{name}`", "none" if network.internal else "yes", ", ".join(members)


def _volumes(stack: Stack) -> Iterator[tuple[str, ...]]:
    for name, volume in stack.volume.items():
        mounts = [f"{each.name}: `{each.volumes[name]}`" for each in stack.service.values() if name in each.volumes]
        yield f"`<stack>-{name}`", volume.description, ", ".join(mounts)


def _secrets(stack: Stack) -> Iterator[tuple[str, ...]]:
    for name, secret in stack.secret.items():
        users = [service for service in stack.service if name in environment.secrets_of(stack, service)]
        yield code(name), secret.description, ", ".join(users)


def names(stack: Stack) -> Iterator[tuple[str, str, str]]:
    yield from ((name, "service", link(FILE, FILE, name)) for name in stack.service)
    families: dict[str, tuple[str, Iterable[str]]] = {
        "Images": ("image", stack.image),
        "Ports": ("port", [port for service in stack.service.values() for port in service.port]),
        "Networks": ("network", stack.network),
        "Volumes": ("volume", stack.volume),
        "Secrets": ("secret", stack.secret),
        "Times": ("time", stack.times.chain()),
    }
    for title, (kind, members) in families.items():
        yield from ((name, kind, link(FILE, FILE, title)) for name in members)
