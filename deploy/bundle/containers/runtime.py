"""The stack in containers: what each verb does with Compose."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from bundle import lines, optional, ports, secrets, terminal
from bundle.containers import commands, engine, failure, images, overlaid, report, state
from bundle.containers.inside import Inside
from bundle.environment import TAKEN
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.model import Stack
from bundle.process import Result, become, capture, stream
from bundle.runtimes import Report, ServiceState, Started

WEB = "backend"
# The longest healthy start: an empty database is initialised and migrated first.
WAIT_SECONDS = 180
CA_VARIABLES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
CA_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


class Containers(Inside):
    """One Compose project."""

    title = "containers"

    def __init__(self, invocation: Invocation) -> None:
        self.invocation = invocation

    @cached_property
    def environ(self) -> dict[str, str]:
        return environment(self.invocation) | overlaid.environment(self.invocation, self.overlays)

    @cached_property
    def compose(self) -> commands.Compose:
        root = self.invocation.root
        program = engine.compose(root, self.invocation.environ)
        overlays = overlaid.files(root, self.overlays)
        return commands.Compose(program, self.invocation.stack, root / overlaid.FILE, overlays)

    @cached_property
    def overlays(self) -> tuple[str, ...]:
        """Name the overlays that were asked for, else those that lie on what is there."""
        return self.invocation.overlays or overlaid.remembered(self.invocation.source, self.containers())

    def containers(self) -> list[state.Container]:
        return state.containers(self.invocation.stack, self.invocation.environ)

    def running(self) -> bool:
        """Tell whether there is a container at all: one that ended is shown, and stopped, like the others."""
        return bool(self.containers())

    def volumes(self) -> list[str]:
        return state.volumes(self.invocation.stack, self.environ)

    def exists(self) -> bool:
        return bool(self.containers() or self.volumes())

    def up(self) -> Started:
        before = self.containers()
        kept = self.volumes()
        chosen = self._chosen(before)
        self._check(before, kept, chosen)
        secrets.generate(self.invocation)
        built = self.build(chosen)
        try:
            self._start(chosen)
        except (BundleError, KeyboardInterrupt):
            self._undo(before, kept)
            raise
        self._switch_off({container.service for container in before} - chosen.keys())
        return Started(cold=built, was_running=any(container.running for container in before))

    def _chosen(self, before: list[state.Container]) -> dict[str, int]:
        """Give the optional services that this start is to run: those that it asks for, else those that are there."""
        running = Counter(container.service for container in before)
        return self.invocation.optional.chosen(self.invocation.source, running)

    def build(self, chosen: Collection[str] | None = None) -> bool:
        """Build what has changed; True when something had to be built."""
        wanted = self._chosen([]) if chosen is None else chosen
        return images.ensure(self.invocation, self.compose, self.environ, wanted)

    def _check(self, before: list[state.Container], kept: list[str], chosen: Collection[str]) -> None:
        """Refuse what cannot succeed, before anything is changed."""
        overlaid.refuse(self.invocation, before, self.compose.program)
        secrets.refuse_lost(self.invocation, data=", ".join(f"volume {name}" for name in kept))
        ours = {port for container in before if container.running for port in container.ports}
        for name in self._ports(chosen) if engine.local(self.environ) else []:
            bind, port = self.invocation.published(name)
            if port not in ours:
                ports.refuse_busy(bind, port, name=name.upper())

    def _ports(self, chosen: Collection[str]) -> list[str]:
        """Name the ports that this start publishes."""
        services = self.invocation.source.service
        usual = [name for name, service in services.items() if not service.profile]
        wanted = [self.invocation.only] if self.invocation.only else usual
        return [port for name in [*wanted, *chosen] for port in services[name].port]

    def _start(self, chosen: dict[str, int]) -> None:
        source = self.invocation.source
        extra = [name for name in chosen if self._optional(name)]
        wanted = [self.invocation.only, *extra] if self.invocation.only else []
        scale = {name: number for name, number in chosen.items() if source.service[name].scalable}
        progress = "auto" if terminal.interactive() else "quiet"
        command = self.compose.up(wanted, progress=progress, timeout_seconds=WAIT_SECONDS, scale=scale)
        with terminal.step(f"Starting {self.invocation.stack} in containers"):
            result = self._shown(command, {**self.environ, **choices(source, chosen, self.environ)})
        if not result.ok:
            raise failure.explain(self.compose, self.containers(), self.environ, result)

    def _switch_off(self, services: Collection[str]) -> None:
        """Remove what was optional and is no longer asked for, when its queues have found another worker."""
        off = sorted(name for name in services if self._optional(name))
        if not off:
            return
        with terminal.step(f"Switching off {', '.join(off)} (a running task ends first)"):
            result = self._shown(self.compose.remove(off, progress="quiet"))
        if not result.ok:
            raise BundleError(f"Compose could not remove {', '.join(off)}: {result.last_words}.")

    def _optional(self, service: str) -> bool:
        known = self.invocation.source.service.get(service)
        return bool(known and known.profile)

    def _shown(self, command: list[str], environ: dict[str, str] | None = None) -> Result:
        """Let Compose draw its progress on a terminal; elsewhere keep its words for the case of failure."""
        if terminal.interactive():
            return Result(stream(command, env=environ or self.environ))
        return capture(command, env=environ or self.environ)

    def _undo(self, before: list[state.Container], kept: list[str]) -> None:
        """Leave nothing half started; what was there before this start stays."""
        if before:
            see, stop = (self.invocation.command(verb) for verb in ("status", "down"))
            terminal.note(f"The containers were left as they are: look with `{see}`, stop them with `{stop}`.")
            return
        capture(self.compose.down(progress="quiet", volumes=not kept), env=self.environ)
        terminal.note("The start was undone: no container is left" + (", the data is untouched." if kept else "."))

    def down(self) -> None:
        self._take_down(volumes=False)

    def destroy(self) -> None:
        self._take_down(volumes=True)

    def _take_down(self, *, volumes: bool) -> None:
        progress = "auto" if terminal.interactive() else "quiet"
        result = self._shown(self.compose.down(progress=progress, volumes=volumes))
        if not result.ok:
            raise BundleError(f"Compose could not stop {self.invocation.stack}: {result.last_words}.")

    def logs(self, service: str, *, follow: bool) -> int:
        readable = terminal.shows_answers()
        command = self.compose.logs([service] if service else [], follow=follow, prefix=readable)
        if readable:
            return lines.show(command, lines.prefixed(self.invocation.stack), env=self.environ)
        return become(command, env=self.environ)

    def running_here(self) -> dict[str, str]:
        return {container.service: container.id for container in self.containers() if container.running}

    def nobody_answers(self, services: Sequence[str]) -> BundleError:
        again = self.invocation.command("up")
        return BundleError(f"Neither {' nor '.join(services)} of {self.invocation.stack} runs: repeat `{again}`.")

    def address(self) -> str:
        return self._addresses().get(WEB, "")

    def optional_addresses(self) -> dict[str, str]:
        return {service: url for service, url in self._addresses().items() if self._optional(service)}

    def _addresses(self) -> dict[str, str]:
        running = [container for container in self.containers() if container.running]
        return {container.service: url for container in running for url in container.addresses}

    def services(self) -> list[ServiceState]:
        found = self.containers()
        return state.states(found, state.memory(found, self.environ))

    def report(self) -> Report:
        return report.rows(self.invocation, self.containers(), self.environ), report.EXPLANATION


def environment(invocation: Invocation) -> dict[str, str]:
    """Build what Compose puts in the place of the variables in compose.yaml."""
    return {
        **invocation.environ,
        "STACK_NAME": invocation.stack,
        "WEB_PORT": str(invocation.port),
        "WEB_BIND": invocation.bind,
        "REGISTRY": invocation.registry,
        "TAG": invocation.tag,
        "SECRETS_DIR": str(invocation.secrets_dir),
        "BUILD_CA": ca_bundle(invocation.environ),
        "DOCKER_BUILDKIT": "1",
        # Whatever is stopped, shown or built may be optional; a start narrows this down to what was chosen.
        "COMPOSE_PROFILES": ",".join(one.profile for one in invocation.source.service.values() if one.profile),
    }


def choices(source: Stack, chosen: Mapping[str, int], environ: Mapping[str, str]) -> dict[str, str]:
    """Say to Compose what a start chose: the profiles, and what is left to the usual worker unless somebody said it."""
    profiles = filter(None, (source.service[name].profile for name in chosen))
    left = environ.get(TAKEN) or optional.left_queues(source, chosen)
    return {"COMPOSE_PROFILES": ",".join(profiles), TAKEN: left}


def ca_bundle(environ: Mapping[str, str]) -> str:
    """Find the certificates that a build behind a TLS-inspecting proxy needs: a build secret, never in an image."""
    named = [environ[name] for name in CA_VARIABLES if environ.get(name)]
    return next((path for path in [*named, *CA_BUNDLES] if Path(path).is_file()), "")
