"""The stack as units of this machine: what `make status`, `logs`, `manage` and `down` do with systemd."""

import re
from collections.abc import Mapping, Sequence
from typing import NoReturn

from bundle import lines, probe, terminal
from bundle.errors import BundleError
from bundle.invocation import Invocation, url
from bundle.process import Result, become, capture
from bundle.runtimes import Report, ServiceState, Started
from bundle.systemd import systemctl
from bundle.systemd.place import Place

# journalctl's short form: a time, a host, an identifier with a pid, the line.
JOURNAL = re.compile(r"\S+ \S+ ([^\s\[]+)\[\d+\]: (.*)")
# What systemctl says of a moment: "Sat 2026-11-21 13:10:55 UTC".
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


class Units:
    """One stack that `make systemd-install` has put on this machine."""

    title = "systemd"

    def __init__(self, invocation: Invocation) -> None:
        self.invocation = invocation
        self.place = Place(invocation.stack)
        self.target = f"{invocation.stack}.target"

    def exists(self) -> bool:
        return (self.place.units / self.target).is_file()

    def running(self) -> bool:
        return self.exists() and systemctl.active(self.target)

    def up(self) -> Started:
        raise BundleError(
            f"{self.invocation.stack} runs as units of systemd: upgrade it with"
            f" `{self.invocation.command('systemd-install')}`, or choose another STACK_NAME."
        )

    def down(self) -> None:
        systemctl.must("stop", self.target)

    def destroy(self) -> NoReturn:
        raise BundleError(f"Remove it with `{self.invocation.command('systemd-uninstall', 'PURGE=1')}`.")

    def logs(self, service: str, *, follow: bool) -> int:
        chosen = [f"--identifier={name}" for name in self._identifiers(service)]
        flags = ["--no-pager", "--quiet", *(["--follow", "--lines=100"] if follow else []), *chosen]
        if terminal.shows_answers():
            return lines.show(["journalctl", "--output=short-iso", *flags], self._origin)
        return become(["journalctl", "--output=cat", *flags])

    def _identifiers(self, service: str) -> list[str]:
        stack = self.invocation.stack
        names = [unit.removesuffix(".service").replace("@", "-") for unit in self._units()]
        found = [name for name in names if not service or name.removeprefix(f"{stack}-").startswith(service)]
        if not found:
            known = ", ".join(name.removeprefix(f"{stack}-") for name in names)
            raise BundleError(f"There is no log of {service}: the services are {known}.")
        return found

    def _origin(self, line: str) -> tuple[str, str]:
        found = JOURNAL.fullmatch(line)
        return (found[1].removeprefix(f"{self.invocation.stack}-"), found[2]) if found else ("", line)

    def manage(self, words: Sequence[str]) -> int:
        return become([str(self.place.manage), *words])

    def ask(self, words: Sequence[str]) -> Result:
        return capture([str(self.place.manage), *words])

    def address(self) -> str:
        """Read it from the socket: the settings are for root and the services."""
        listens = systemctl.show(f"{self.invocation.stack}-web.socket", "Listen").get("Listen", "").split()
        if not listens:
            return ""
        host, _, port = listens[0].rpartition(":")
        return url(host.strip("[]"), port)

    def optional_addresses(self) -> Mapping[str, str]:
        return {}

    def services(self) -> list[ServiceState]:
        return [self._state(unit) for unit in self._units()]

    def _units(self) -> list[str]:
        stack = self.invocation.stack
        single = [f"{stack}-{name}.service" for name, unit in self.invocation.source.unit.items() if not unit.nodes]
        templates = [f"{stack}-{name}@.service" for name, unit in self.invocation.source.unit.items() if unit.nodes]
        return [*single, *(node for template in templates for node in systemctl.instances(template))]

    def _state(self, unit: str) -> ServiceState:
        said = systemctl.show(unit, "ActiveState", "SubState", "StatusText", "ActiveEnterTimestamp", "MemoryCurrent")
        web = unit.endswith("-web.service")
        problem = probe.web(self.address()) if web else ""
        since = MOMENT.search(said.get("ActiveEnterTimestamp", ""))
        memory = said.get("MemoryCurrent", "")
        return ServiceState(
            name=unit.removesuffix(".service").removeprefix(f"{self.invocation.stack}-"),
            state=f"{said.get('ActiveState', 'unknown')} ({said.get('SubState', 'unknown')})",
            health=problem or (probe.HEALTHY if web else said.get("StatusText") or "-"),
            since=since[0] if since else "-",
            memory_bytes=int(memory) if memory.isdecimal() else None,
        )

    def report(self) -> Report:
        rows = [(one.name, one.state, one.memory) for one in self.services()]
        return [("unit", "state", "memory"), *rows], ["memory: of the unit's control group, as systemd counts it"]
