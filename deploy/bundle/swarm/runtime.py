"""The stack on a swarm: what each verb does with services and tasks."""

from collections.abc import Sequence
from functools import cached_property

from bundle import secrets, terminal
from bundle.containers import overlaid, report
from bundle.containers.inside import Inside
from bundle.containers.runtime import WEB, Containers, environment
from bundle.errors import BundleError
from bundle.invocation import Invocation, url
from bundle.process import capture
from bundle.runtimes import Report, ServiceState, Started
from bundle.swarm import commands, images, logs, nodes, relay, removal, state, status, varied
from bundle.swarm.release import Release


class Swarm(Inside):
    """One stack of one swarm, seen from a manager."""

    title = "swarm"

    def __init__(self, invocation: Invocation) -> None:
        self.invocation = invocation
        self.swarm = commands.Swarm(invocation.stack)

    @cached_property
    def environ(self) -> dict[str, str]:
        return environment(self.invocation) | overlaid.environment(self.invocation, self.invocation.overlays)

    @cached_property
    def member(self) -> nodes.Membership:
        return nodes.membership(self.environ)

    def running(self) -> bool:
        return self.member.manager and bool(self._ids())

    def _ids(self) -> list[str]:
        return capture(self.swarm.services(), env=self.environ).out.split()

    def exists(self) -> bool:
        return self.running() or bool(self._own_volumes())

    def volumes(self) -> list[str]:
        """List those that it uses, whoever made them: a stack that grew out of Compose keeps its data."""
        there = capture(commands.volumes(), env=self.environ).out.split()
        names = [f"{self.invocation.stack}-{name}" for name in self.invocation.source.volume]
        return [name for name in names if name in there]

    def _own_volumes(self) -> list[str]:
        return capture(self.swarm.volumes(), env=self.environ).out.split()

    def services_now(self) -> list[state.Service]:
        return state.services(self.swarm, self.environ)

    def up(self) -> Started:
        release = Release(self.invocation, self.services_now(), self.environ)
        kept = self.volumes()
        self._check(release, kept)
        secrets.generate(self.invocation)
        built = False if images.from_registry(self.invocation) else Containers(self.invocation).build(release.chosen)
        nodes.keep_data_here(self.invocation.stack, self.member, self.environ)
        try:
            release.roll_out()
        except (BundleError, KeyboardInterrupt):
            self._undo(release.before, kept)
            raise
        return Started(cold=built, was_running=bool(release.before))

    def _check(self, release: Release, kept: list[str]) -> None:
        """Refuse what cannot succeed, before anything is changed."""
        if self.member.absence:
            raise BundleError(f"RUNTIME=swarm: {self.member.absence}.")
        varied.refuse(self.invocation, release.before)
        nodes.refuse_unpullable(nodes.count(self.environ), registry=images.from_registry(self.invocation))
        secrets.refuse_lost(self.invocation, data=", ".join(f"volume {name}" for name in kept))
        release.refuse_busy_ports()

    def _undo(self, before: list[state.Service], kept: list[str]) -> None:
        """Leave nothing half started; what was there before this start stays."""
        if before:
            see, read = (self.invocation.command(verb) for verb in ("status", "logs"))
            terminal.note(f"The services were left as they are: look with `{see}` and `{read}`.")
            return
        removal.take_down(self.invocation, self.environ)
        if not kept:
            capture(commands.remove_volumes(self.volumes()), env=self.environ)
        terminal.note("The start was undone: no service is left" + (", the data is untouched." if kept else "."))

    def down(self) -> None:
        removal.take_down(self.invocation, self.environ)

    def destroy(self) -> None:
        if self.running():
            self.down()
        if names := self._own_volumes():
            result = capture(commands.remove_volumes(names), env=self.environ)
            if not result.ok:
                raise BundleError(f"The volumes {', '.join(names)} could not be removed: {result.last_words}.")

    def logs(self, service: str, *, follow: bool) -> int:
        names = [one.name for one in self.services_now()]
        if service and service not in names:
            raise BundleError(f"SERVICE={service!r} is no service of {self.invocation.stack}: use {', '.join(names)}.")
        return logs.show(self.swarm, [service] if service else names, follow=follow, environ=self.environ)

    def running_here(self) -> dict[str, str]:
        return {container.service: container.id for container in state.local(self.swarm, self.environ)}

    def nobody_answers(self, services: Sequence[str]) -> BundleError:
        return BundleError(status.elsewhere(self.services_now(), services, self.invocation, self.environ))

    def address(self) -> str:
        relays = relay.find(self.invocation.stack, self.environ)
        if WEB in relays:
            return next(iter(relays[WEB].addresses), "")
        meshed = [port for service in self.services_now() for port in service.published]
        return url("", meshed[0]) if meshed else ""

    def optional_addresses(self) -> dict[str, str]:
        found = relay.find(self.invocation.stack, self.environ)
        return {name: url for name, one in found.items() for url in one.addresses if name != WEB}

    def services(self) -> list[ServiceState]:
        return status.states(self.swarm, self.environ)

    def report(self) -> Report:
        here = state.local(self.swarm, self.environ)
        relays = relay.find(self.invocation.stack, self.environ).values()
        return report.rows(self.invocation, [*here, *relays], self.environ), report.EXPLANATION
