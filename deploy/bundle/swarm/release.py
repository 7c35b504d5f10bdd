"""What a start rolls out: which services, how many of each, made of which images, in which order."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bundle import optional
from bundle.containers import engine
from bundle.environment import TAKEN
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.ports import refuse_busy
from bundle.process import capture
from bundle.render import swarm_stack
from bundle.swarm import commands, images, phases, relay, removal, rollout, state, varied

UNCHANGED = "Nothing of the running release was changed."
PARTLY = "What ran before goes on running; the servers may have new settings already."
ROLLED_BACK = "What ran before goes on running, or runs again."
CONSEQUENCES = {"servers": UNCHANGED, "migration": PARTLY, "application": ROLLED_BACK}


@dataclass(frozen=True)
class Release:
    """One start, with what it found."""

    invocation: Invocation
    before: list[state.Service]
    environ: Mapping[str, str]

    @property
    def swarm(self) -> commands.Swarm:
        return commands.Swarm(self.invocation.stack)

    @property
    def chosen(self) -> dict[str, int]:
        """Give the services that a start may want several of, or none: what it asks for, else what runs."""
        running = {service.name: service.replicas for service in self.before}
        return self.invocation.optional.chosen(self.invocation.source, running)

    @property
    def replicas(self) -> dict[str, int]:
        """Say how many of each service are wanted."""
        source = self.invocation.source
        usual = {name: 0 if service.profile else 1 for name, service in source.service.items()}
        return usual | self._webs() | self.chosen

    def _webs(self) -> dict[str, int]:
        running = {service.name: service.replicas for service in self.before}
        webs = [one for one in self.invocation.source.service.values() if one.port and not one.profile]
        given = {one.name: self.invocation.environ.get(swarm_stack.replicas_variable(one), "") for one in webs}
        return {
            one.name: _number(swarm_stack.replicas_variable(one), given[one.name] or str(running.get(one.name) or 1))
            for one in webs
        }

    @property
    def published(self) -> list[relay.Relay]:
        """List what this node publishes."""
        asked, only = self.replicas, self.invocation.only
        services = [
            name for name, number in asked.items() if number and (not only or name == only or self._optional(name))
        ]
        return relay.wanted(self.invocation, services)

    def _optional(self, name: str) -> bool:
        return bool(self.invocation.source.service[name].profile)

    def refuse_busy_ports(self) -> None:
        """Say so now when a port of this machine is somebody else's."""
        ours = {port for one in relay.find(self.invocation.stack, self.environ).values() for port in one.ports}
        for each in self.published if engine.local(self.environ) else []:
            bind, port = self.invocation.published(each.port.name)
            if port not in ours:
                refuse_busy(bind, port, name=each.port.name.upper())

    def roll_out(self) -> None:
        """Deploy phase after phase, each when the one before has succeeded; then publish, then clear away."""
        source = self.invocation.source
        secrets = varied.secret_files(self.invocation)
        versions = phases.versions({**secrets, **varied.config_files(self.invocation)})
        environ = {**self.environ, **versions, **self._counts(), TAKEN: self._queues()}
        # What nobody asked for is not deployed, and its image need not be there.
        used = {name: source.service[name].image for name, number in self.replicas.items() if number}
        pinned = images.pins(self.invocation, used, environ)
        for phase in phases.phases(source, used, self.invocation.only):
            if phase.name == "migration":
                self._forget(phase)
            rollout.Rollout(self.invocation, phase, environ).run(pinned, CONSEQUENCES[phase.name])
        relay.ensure(self.published, pinned[relay.IMAGE], self.invocation.stack, environ)
        self._clear_away(secrets)

    def _counts(self) -> dict[str, str]:
        services = self.invocation.source.service
        return {swarm_stack.replicas_variable(services[name]): str(number) for name, number in self.replicas.items()}

    def _queues(self) -> str:
        """Leave to the usual worker what no type of worker takes, unless somebody said what it takes."""
        return self.environ.get(TAKEN) or optional.left_queues(self.invocation.source, self.chosen)

    def _forget(self, phase: phases.Phase) -> None:
        """Remove what ran once, so that it runs again."""
        there = [service.name for service in self.before if service.name in phase.services]
        if there:
            capture(self.swarm.remove_services(there), env=self.environ)

    def _clear_away(self, files: Mapping[str, Path]) -> None:
        """Remove services that are no longer wanted, and secrets that no release in reach of a rollback uses."""
        found = state.services(self.swarm, self.environ)
        removal.end(self.invocation, [one for one in found if not self.replicas.get(one.name)], self.environ)
        used = phases.secret_names(self.invocation.stack, files).union(*(service.secrets for service in found))
        there = set(capture(self.swarm.secrets(), env=self.environ).out.split())
        if unused := sorted(there - used):
            capture(commands.remove_secrets(unused), env=self.environ)


def _number(variable: str, text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= optional.MOST:
        raise BundleError(f"{variable}={text!r} is not accepted: use a whole number from 1 to {optional.MOST}.")
    return int(text)
