"""From one release to another, in one step that can be taken back: link, units, settings, secrets, then restarts."""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bundle import files, probe, terminal
from bundle.errors import BundleError
from bundle.invocation import url
from bundle.model import Stack
from bundle.systemd import account, credentials, nodes, release, systemctl, transient, unit_files
from bundle.systemd.place import Place
from bundle.systemd.plan import URLS
from bundle.systemd.settings import values

# How long a service must hold to count as started.
STEADY_SECONDS = 3
PATIENCE_SECONDS = 120
ADDRESSES = tuple(name.lower() for name in URLS)


@dataclass(frozen=True)
class State:
    """Everything that the services read; one can be put in the place of another."""

    release: str
    settings: str
    credentials: Mapping[str, str]

    @property
    def values(self) -> dict[str, str]:
        return values(self.settings)

    @property
    def workers(self) -> list[str]:
        return nodes.listed(self.values.get("WORKERS", nodes.DEFAULT))

    @property
    def address(self) -> str:
        return url(self.values.get("WEB_BIND", ""), self.values.get("WEB_PORT", ""))


def in_use(place: Place, secrets: Iterable[str]) -> State | None:
    """Read the state of this machine; None when nothing is installed."""
    name = release.current(place)
    if not release.exists(place, name) or not place.settings.is_file():
        return None
    text = place.settings.read_text(encoding="utf-8")
    return State(name, text, credentials.snapshot(place.credentials, secrets))


def units(place: Place, name: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Give a release's unit files with this machine's drop-ins."""
    if not release.exists(place, name):
        return {}
    own = release.units(place, name)
    return {**own, **unit_files.drop_ins(place.stack, settings, own)}


def stale(place: Place, state: State) -> list[str]:
    """Name the unit files that are not what the release and the settings say."""
    return unit_files.differing(place.units, units(place, state.release, state.values))


def put(place: Place, state: State, user: str) -> None:
    """Write the state down; nothing is restarted yet."""
    old = units(place, release.current(place), state.values)
    made = unit_files.drop_ins_there(place.units, place.stack, old)
    new = units(place, state.release, state.values)
    dropped = [name for name in ADDRESSES if name not in state.credentials]
    credentials.keep(place.credentials, state.credentials, drop=dropped)
    files.write(place.settings, state.settings, mode=0o640, group=account.group(user))
    unit_files.exchange(place.units, {*old, *made}, new)
    files.link(place.current, f"releases/{state.release}")
    os.utime(place.releases / state.release)
    files.write(place.manage, transient.script(new[f"{place.stack}-web.service"], place.current), mode=0o755)
    systemctl.must("daemon-reload")


def restart(place: Place, state: State, stack: Stack) -> None:
    """Restart one after the other, each healthy before the next: where there are several nodes, some always work."""
    _enable(place, state)
    began = time.time()
    _web(place, state)
    for name in state.workers:
        _restart(nodes.unit(place.stack, name), lambda: "", stack.times.grace_seconds + PATIENCE_SECONDS)
    _restart(f"{place.stack}-beat.service", lambda: "", PATIENCE_SECONDS)
    for name in state.workers:
        # From the new beat through this node's own worker to the database.
        wait(nodes.unit(place.stack, name), partial(_silent, place.heartbeat(name), began), seconds=PATIENCE_SECONDS)
    # Not waited for: it starts the migration once more, as at each boot, and that finds nothing to do.
    systemctl.must("start", "--no-block", f"{place.stack}.target")


def _enable(place: Place, state: State) -> None:
    wanted = [nodes.unit(place.stack, name) for name in state.workers]
    left = [name for name in systemctl.instances(f"{place.stack}-worker@.service") if name not in wanted]
    if left:
        systemctl.must("disable", "--now", *left)
    named = [name for name in release.units(place, state.release) if "@" not in name]
    systemctl.must("enable", *named, *wanted)


def _web(place: Place, state: State) -> None:
    """Let systemd hold the port meanwhile: whoever connects waits a moment, and nobody is refused."""
    socket, service = f"{place.stack}-web.socket", f"{place.stack}-web.service"
    if unit_files.listen(state.values) not in systemctl.show(socket, "Listen").get("Listen", "").split():
        systemctl.run("stop", service, socket)
    systemctl.must("start", socket)
    _restart(service, lambda: probe.web(state.address), PATIENCE_SECONDS)


def _restart(unit: str, problem: Callable[[], str], seconds: float) -> None:
    systemctl.must("restart", "--no-block", unit)
    wait(unit, lambda: _unsettled(unit) or problem(), seconds=seconds)


def _unsettled(unit: str) -> str:
    """Say what is missing until it has been active for a moment and nothing is left to be done with it."""
    said = systemctl.show(unit, "ActiveState", "SubState", "Job", "ActiveEnterTimestampMonotonic")
    if said.get("Job", "0") not in ("", "0") or said["ActiveState"] != "active":
        return "finishes what it does" if said["SubState"].startswith("stop") else said["ActiveState"]
    since = time.clock_gettime(time.CLOCK_MONOTONIC) - int(said["ActiveEnterTimestampMonotonic"]) / 1e6
    return "" if since > STEADY_SECONDS else "just started"


def _silent(file: Path, after: float) -> str:
    return probe.heartbeat(file, stale_seconds=PATIENCE_SECONDS, after=after)


def wait(unit: str, problem: Callable[[], str], *, seconds: float) -> None:
    """Wait for a unit that is tried again by itself: its first failure is enough."""

    def missing() -> str:
        said = systemctl.show(unit, "ActiveState", "SubState")
        if said.get("ActiveState") == "failed" or said.get("SubState", "").startswith("auto-restart"):
            raise BundleError(f"{unit} does not stay up: {systemctl.last_words(unit)}")
        word = problem()
        return f"{unit}: {word}" if word else ""

    try:
        terminal.wait_until(missing, timeout_seconds=seconds, what=f"{unit} does not become healthy")
    except terminal.WaitedTooLongError as error:
        raise BundleError(f"{error} Its last words: {systemctl.last_words(unit)}") from None
