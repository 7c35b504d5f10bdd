"""Take a stack down in order: who works ends before the servers that the work needs."""

import time
from collections.abc import Callable, Mapping

from bundle import terminal
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.process import capture
from bundle.swarm import commands, phases, relay, state

PAUSE_SECONDS = 1.0
# Beyond the stop times, for networks and containers to be cleared away.
SPARE_SECONDS = 60


def take_down(invocation: Invocation, environ: Mapping[str, str]) -> None:
    """Remove services, networks and secrets, and wait until nothing of them is left; volumes stay."""
    swarm = commands.Swarm(invocation.stack)
    found = state.services(swarm, environ)
    servers = phases.servers(invocation.source)
    relay.remove(invocation.stack, environ)
    end(invocation, [service for service in found if service.name not in servers], environ)
    with terminal.step("Stopping the servers"):
        _run(swarm.remove(), invocation, environ)
        _wait(lambda: _left(swarm, environ), _patience(found), invocation)


def end(invocation: Invocation, services: list[state.Service], environ: Mapping[str, str]) -> None:
    """Remove services, and wait until their containers have ended their work."""
    if not services:
        return
    swarm, names = commands.Swarm(invocation.stack), [service.name for service in services]
    with terminal.step(f"Stopping {', '.join(names)}"):
        _run(swarm.remove_services(names), invocation, environ)
        _wait(lambda: _ending(swarm, services, environ), _patience(services), invocation)


def _patience(services: list[state.Service]) -> int:
    return max((service.stop_seconds for service in services), default=0) + SPARE_SECONDS


def _run(command: list[str], invocation: Invocation, environ: Mapping[str, str]) -> None:
    result = capture(command, env=environ)
    if not result.ok:
        raise BundleError(f"The swarm could not stop {invocation.stack}: {result.last_words}.")


def _wait(done: Callable[[], str], patience: int, invocation: Invocation) -> None:
    terminal.wait_until(done, timeout_seconds=patience, what=f"Stopping {invocation.stack}")


def _ending(swarm: commands.Swarm, removed: list[state.Service], environ: Mapping[str, str]) -> str:
    """Name the services whose containers still end their work."""
    time.sleep(PAUSE_SECONDS)
    alive = {task.service_id for task in state.all_tasks(swarm, environ) if task.alive}
    return ", ".join(service.name for service in removed if service.id in alive)


def _left(swarm: commands.Swarm, environ: Mapping[str, str]) -> str:
    """Name what is left; a new stack of the same name would trip over it."""
    time.sleep(PAUSE_SECONDS)
    kinds = {
        "tasks": any(task.alive for task in state.all_tasks(swarm, environ)),
        "containers": capture(swarm.containers(), env=environ).out.split(),
        "networks": capture(swarm.networks(), env=environ).out.split(),
    }
    return ", ".join(kind for kind, found in kinds.items() if found)
