"""One line per container of a stack, on whichever node it is."""

from collections.abc import Iterator, Mapping, Sequence

from bundle.containers import state as containers
from bundle.invocation import Invocation
from bundle.runtimes import ServiceState
from bundle.swarm import commands, nodes, relay, state


def states(swarm: commands.Swarm, environ: Mapping[str, str]) -> list[ServiceState]:
    here = state.local(swarm, environ)
    relays = list(relay.find(swarm.stack, environ).values())
    used = containers.memory([*here, *relays], environ)
    names = nodes.names(environ)
    rows = [
        _task(service, task, {one.id: one for one in here}, used, names)
        for service in state.services(swarm, environ)
        for task in _shown(service)
    ]
    return rows + containers.states(relays, used)


def _shown(service: state.Service) -> Iterator[state.Task]:
    """Pick what runs, ends or waits; of a service without any of them what it was last."""
    alive = [task for task in service.tasks if task.alive]
    last = service.tasks[-1:] if service.replicas else []
    yield from sorted(alive or last, key=lambda task: (task.slot, task.created))


def _task(
    service: state.Service,
    task: state.Task,
    here: Mapping[str, state.Container],
    used: Mapping[str, int],
    names: Mapping[str, str],
) -> ServiceState:
    container = here.get(task.container)
    name = f"{service.stack}-{service.name}" + (f".{task.slot}" if service.replicas > 1 else "")
    return ServiceState(
        name=name,
        state=_state(task),
        health=container.health if container else _remote_health(task, names),
        since=task.since,
        memory_bytes=used.get(container.name) if container else None,
    )


def _state(task: state.Task) -> str:
    """Say what it does, and why when it does not run."""
    if task.alive and not task.wanted:
        return "ending"
    return task.state if task.state in ("running", "complete") else f"{task.state} ({task.error or task.message})"


def _remote_health(task: state.Task, names: Mapping[str, str]) -> str:
    return f"on {names.get(task.node, task.node)}" if task.alive and task.node else "-"


def elsewhere(
    found: Sequence[state.Service], halves: Sequence[str], invocation: Invocation, environ: Mapping[str, str]
) -> str:
    """Say where a command for the application would have to be typed."""
    names = nodes.names(environ)
    away = {
        names.get(task.node, task.node)
        for service in found
        for task in service.up_to_date
        if service.name in halves and task.node
    }
    if away:
        return (
            f"Neither {' nor '.join(halves)} of {invocation.stack} runs on this node: type the command on"
            f" {' or '.join(sorted(away))}."
        )
    return f"Neither {' nor '.join(halves)} of {invocation.stack} runs: repeat `{invocation.command('swarm-up')}`."
