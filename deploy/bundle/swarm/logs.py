"""The log lines of services, from every node; `docker service logs` knows one service at a time."""

from collections.abc import Mapping, Sequence
from functools import partial

from bundle import lines, terminal
from bundle.process import each_line, each_line_of
from bundle.swarm import commands, nodes, state


def show(swarm: commands.Swarm, services: Sequence[str], *, follow: bool, environ: Mapping[str, str]) -> int:
    """Print them service by service, or as they come."""
    readable = terminal.shows_answers()

    def take(service: str, line: str) -> None:
        terminal.say(lines.readable(service, line) if readable else line)

    if follow:
        told = {service: swarm.logs(service, follow=True) for service in services}
        return each_line_of(told, take, env=environ, errors=True)
    codes = [
        each_line(command, partial(take, service), env=environ, errors=True)
        for service in services
        for command in _ended(swarm, service, environ)
    ]
    return max(codes, default=0)


def _ended(swarm: commands.Swarm, service: str, environ: Mapping[str, str]) -> list[list[str]]:
    """Read the containers themselves where all are here.

    Measured: asked while a container ends, `docker service logs` of Docker 20.10 may wait for ever for its last word.
    """
    if nodes.count(environ) > 1:
        return [swarm.logs(service, follow=False)]
    found = state.listed("container", commands.containers_of(swarm.service(service)), environ)
    return [commands.container_logs(one["Id"]) for one in sorted(found, key=lambda one: str(one["Created"]))]
