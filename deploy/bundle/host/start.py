"""Start the host runtime in order, or bring a running one to what is asked for."""

import secrets as random
import time
from collections.abc import Mapping
from dataclasses import dataclass

from bundle import logs, ports, probe, programs, secrets, sources, terminal
from bundle.errors import BundleError
from bundle.host import daemon, environment, health, prepare, processes, record
from bundle.host.environment import Embedded, Place
from bundle.host.record import Record
from bundle.host.supervisor import Supervisor

LINES = 12
SOURCES = ("services", "requirements/host.txt", "entrypoints", "deploy/host")


@dataclass(frozen=True)
class Plan:
    """What this start wants to run."""

    place: Place
    embedded: Embedded
    environ: Mapping[str, str]
    sources: str

    @property
    def data(self) -> list[str]:
        return [
            *(["postgres"] if self.embedded.postgres else []),
            *(["redis"] if self.embedded.redis else []),
        ]

    @property
    def apps(self) -> list[str]:
        asked = self.place.invocation
        chosen = programs.of_service(asked.source, asked.only) if asked.only else list(asked.source.program)
        return [name for name in programs.in_group(asked.source, "app") if name in chosen]

    @property
    def remembered(self) -> dict[str, str]:
        """Keep what later commands need to know, and what tells one start from another."""
        names = environment.settings(self.place.invocation.source) - {"SUPERVISOR_PASSWORD"}
        return {name: value for name, value in self.environ.items() if name in names}


def check(place: Place, *, ours: Record | None) -> None:
    """Refuse what cannot succeed, before anything is changed; a port that our own programs hold is free for us."""
    invocation = place.invocation
    environment.refuse_without_password(invocation.environ)
    data = invocation.shown(place.postgres) if place.postgres.exists() else ""
    secrets.refuse_lost(invocation, data=data)
    listening = ours.environment.get("WEB_LISTEN") if ours and "web" in ours.programs else None
    if invocation.publishes and listening != environment.web_listen(invocation):
        ports.refuse_busy(invocation.bind, invocation.port)


def plan(place: Place, before: Record | None) -> Plan:
    """Decide servers and environment; a running supervisord keeps its password."""
    embedded = prepare.embedded(place)
    password = before.password if before else random.token_urlsafe(24)
    environ = environment.build(place, embedded, supervisor_password=password)
    return Plan(place, embedded, environ, sources.digest(place.invocation.root, SOURCES))


def same(before: Record, wanted: Plan) -> bool:
    """Tell whether what runs was started from these sources with these settings."""
    return before.sources == wanted.sources and before.environment == wanted.remembered


def run(wanted: Plan, before: Record | None) -> None:
    """Start supervisord unless it runs, then data, migration and the rest, each when the one before is ready."""
    place = wanted.place
    pid = before.pid if before else daemon.start(place, dict(wanted.environ))
    programs = [*wanted.data, *wanted.apps]
    made = Record(
        pid,
        processes.boot(),
        wanted.environ["SUPERVISOR_PASSWORD"],
        str(place.sockets),
        wanted.sources,
        sorted({*programs, *(before.programs if before else [])}),
        wanted.remembered,
    )
    record.save(place.invocation.run_dir, made)
    supervisor = daemon.connect(made)
    _data(wanted, supervisor)
    prepare.migrate(place, wanted.environ)
    _apps(wanted, supervisor)


def _data(wanted: Plan, supervisor: Supervisor) -> None:
    for name in wanted.data:
        supervisor.start(name)
    _wait(wanted, supervisor, wanted.data, after=0)


def _apps(wanted: Plan, supervisor: Supervisor) -> None:
    running = supervisor.programs()
    fresh = [name for name in wanted.apps if not running[name].running]
    began = time.time() if {"worker", "beat"} & set(fresh) else 0
    for name in fresh:
        supervisor.start(name)
    with terminal.step(f"Waiting for {', '.join(wanted.apps)}"):
        _wait(wanted, supervisor, wanted.apps, after=began)


def _wait(wanted: Plan, supervisor: Supervisor, names: list[str], *, after: float) -> None:
    def missing() -> str:
        given_up = [program.name for program in daemon.failed(supervisor.programs()) if program.name in names]
        if given_up:
            raise _explained(wanted.place, given_up, f"{', '.join(given_up)} does not stay up")
        words = {name: health.of(name, wanted.place, wanted.environ, after=after) for name in names}
        return ", ".join(f"{name}: {word}" for name, word in words.items() if word != probe.HEALTHY)

    longest = max((programs.patience_seconds(wanted.place.invocation.source, name) for name in names), default=0)
    try:
        terminal.wait_until(missing, timeout_seconds=longest, what="The start takes too long")
    except terminal.WaitedTooLongError as error:
        raise _explained(wanted.place, names, str(error).rstrip(".")) from None


def _explained(place: Place, names: list[str], what: str) -> BundleError:
    told: list[str] = []
    for name in names:
        file = place.invocation.logs_dir / f"{name}.log"
        text = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
        told += [f"{name}: its last lines", *logs.tail(text, lines=LINES)]
    return BundleError(*told, f"The start of {place.invocation.stack} failed: {what}.")
