"""Explain a deployment that failed: which service, why, and its last words."""

from collections.abc import Mapping

from bundle import logs
from bundle.containers import state as containers
from bundle.errors import BundleError
from bundle.process import capture
from bundle.swarm import commands, state

LINES = 12
PATIENCE_SECONDS = 10


def explain(stack: str, bad: list[state.Service], consequence: str, environ: Mapping[str, str]) -> BundleError:
    """Build the error from the services as they stand now."""
    told = [line for service in bad for line in _told(service, environ)]
    return BundleError(*told, f"{stack}: {'; '.join(summary(service) for service in bad)}. {consequence}")


def summary(service: state.Service) -> str:
    """Say in a few words what is wrong with it."""
    if service.update.startswith("rollback"):
        return f"the new {service.name} failed and was rolled back ({_reason(service)})"
    return f"{service.name} is {_last(service).state if service.tasks else 'without any task'} ({_reason(service)})"


def _reason(service: state.Service) -> str:
    errors = [task.error for task in service.tasks if task.error]
    return errors[-1] if errors else service.update_message or "no reason is given"


def _last(service: state.Service) -> state.Task:
    bad = [task for task in service.tasks if task.bad]
    return (bad or service.tasks)[-1]


def _told(service: state.Service, environ: Mapping[str, str]) -> list[str]:
    if not service.tasks:
        return []
    task = _last(service)
    here = state.inspected("container", [task.container], environ) if task.container else []
    # Of a container on this node the engine itself knows more, and never keeps anybody waiting.
    command = commands.container_logs(task.container, LINES) if here else commands.task_logs(task.id, lines=LINES)
    result = capture(command, env=environ, timeout_seconds=PATIENCE_SECONDS)
    probe = containers.Container(here[0]).last_probe if here else ""
    return [
        f"{service.name}: its last lines",
        *(logs.tail(result.out + result.err, lines=LINES) or ["    (none)"]),
        *([f"    last probe: {probe}"] if probe else []),
    ]
