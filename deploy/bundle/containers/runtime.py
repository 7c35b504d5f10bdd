"""The stack in containers: what each verb does with Compose."""

import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from bundle import lines, ports, secrets, terminal
from bundle.containers import commands, engine, failure, images, report, state
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.process import Result, become, capture, stream
from bundle.runtimes import MANAGE, Report, ServiceState, Started

FILE = Path("deploy/compose/compose.yaml")
# The longest healthy start: an empty database is initialised and migrated first.
WAIT_SECONDS = 180
CA_VARIABLES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
CA_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


class Containers:
    """One Compose project."""

    title = "containers"

    def __init__(self, invocation: Invocation) -> None:
        self.invocation = invocation
        self.environ = environment(invocation)

    @cached_property
    def compose(self) -> commands.Compose:
        program = engine.compose(self.invocation.root, self.environ)
        return commands.Compose(program, self.invocation.stack, self.invocation.root / FILE)

    def containers(self) -> list[state.Container]:
        return state.containers(self.invocation.stack, self.environ)

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
        self._check(before, kept)
        secrets.generate(self.invocation)
        built = self.build()
        try:
            self._start()
        except (BundleError, KeyboardInterrupt):
            self._undo(before, kept)
            raise
        return Started(cold=built, was_running=any(container.running for container in before))

    def build(self) -> bool:
        """Build what has changed; True when something had to be built."""
        return images.ensure(self.invocation, self.compose, self.environ)

    def _check(self, before: list[state.Container], kept: list[str]) -> None:
        """Refuse what cannot succeed, before anything is changed."""
        _ = self.compose
        secrets.refuse_lost(self.invocation, data=", ".join(f"volume {name}" for name in kept))
        ours = {port for container in before if container.running for port in container.ports}
        if self.invocation.publishes and self.invocation.port not in ours and engine.local(self.environ):
            ports.refuse_busy(self.invocation.bind, self.invocation.port)

    def _start(self) -> None:
        only = [self.invocation.only] if self.invocation.only else []
        progress = "auto" if terminal.interactive() else "quiet"
        command = self.compose.up(only, progress=progress, timeout_seconds=WAIT_SECONDS)
        with terminal.step(f"Starting {self.invocation.stack} in containers"):
            result = self._shown(command)
        if not result.ok:
            raise failure.explain(self.compose, self.containers(), self.environ, result)

    def _shown(self, command: list[str]) -> Result:
        """Let Compose draw its progress on a terminal; elsewhere keep its words for the case of failure."""
        if terminal.interactive():
            return Result(stream(command, env=self.environ))
        return capture(command, env=self.environ)

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

    def manage(self, words: Sequence[str]) -> int:
        on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        return become(self._manage(words, terminal=on_terminal), env=self.environ)

    def ask(self, words: Sequence[str]) -> Result:
        return capture(self._manage(words, terminal=False), env=self.environ)

    def _manage(self, words: Sequence[str], *, terminal: bool) -> list[str]:
        program = f"{self.invocation.source.code_path}/{MANAGE}"
        return commands.execute(self._backend(), ["python", program, *words], terminal=terminal)

    def _backend(self) -> str:
        """Find a container that holds the backend's code and answers: the web, else the worker."""
        halves = self.invocation.source.variable["ONLY"].choices
        running = {container.service: container.id for container in self.containers() if container.running}
        for service in halves:
            if service in running:
                return running[service]
        raise BundleError(
            f"Neither {' nor '.join(halves)} of {self.invocation.stack} runs: repeat `{self.invocation.command('up')}`."
        )

    def address(self) -> str:
        return next((url for container in self.containers() if container.running for url in container.addresses), "")

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
        "TAG": invocation.tag,
        "SECRETS_DIR": str(invocation.secrets_dir),
        "BUILD_CA": ca_bundle(invocation.environ),
        "DOCKER_BUILDKIT": "1",
    }


def ca_bundle(environ: Mapping[str, str]) -> str:
    """Find the certificates that a build behind a TLS-inspecting proxy needs: a build secret, never in an image."""
    named = [environ[name] for name in CA_VARIABLES if environ.get(name)]
    return next((path for path in [*named, *CA_BUNDLES] if Path(path).is_file()), "")
