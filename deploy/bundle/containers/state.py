"""Read what the engine says about the containers of one project."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bundle.containers import commands
from bundle.invocation import url
from bundle.process import capture
from bundle.runtimes import ServiceState

UNITS = {"B": 1, "KIB": 1024, "MIB": 1024**2, "GIB": 1024**3, "KB": 1000, "MB": 1000**2, "GB": 1000**3}


@dataclass(frozen=True)
class Container:
    """One container, as `docker inspect` describes it."""

    facts: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.facts["Id"])

    @property
    def name(self) -> str:
        return str(self.facts["Name"]).lstrip("/")

    @property
    def service(self) -> str:
        return str(self.facts["Config"]["Labels"][commands.SERVICE_LABEL])

    @property
    def files(self) -> list[str]:
        """List the Compose files that made it."""
        return str(self.facts["Config"]["Labels"].get(commands.FILES_LABEL, "")).split(",")

    @property
    def running(self) -> bool:
        return bool(self.facts["State"]["Running"])

    @property
    def health(self) -> str:
        """Say healthy, unhealthy or starting; `-` without a probe, and after the end, when the last one is stale."""
        if not self.running:
            return "-"
        return str((self.facts["State"].get("Health") or {}).get("Status", "-"))

    @property
    def state(self) -> str:
        state = self.facts["State"]
        return str(state["Status"]) if self.running else f"{state['Status']} ({state['ExitCode']})"

    @property
    def good(self) -> bool:
        if self.running:
            return self.health in ("healthy", "-")
        return bool(self.facts["State"]["Status"] == "exited" and self.facts["State"]["ExitCode"] == 0)

    @property
    def since(self) -> str:
        state = self.facts["State"]
        return str(state["StartedAt"] if self.running else state["FinishedAt"])[:19].replace("T", " ")

    @property
    def last_probe(self) -> str:
        log = (self.facts["State"].get("Health") or {}).get("Log") or []
        return str(log[-1]["Output"]).strip() if log else ""

    @property
    def probe(self) -> list[str]:
        """Give the command of the health check, as words for `docker exec`."""
        test = list((self.facts["Config"].get("Healthcheck") or {}).get("Test") or [])
        if test[:1] == ["CMD-SHELL"]:
            return ["sh", "-c", *test[1:]]
        return test[1:] if test[:1] == ["CMD"] else []

    @property
    def published(self) -> list[tuple[str, int]]:
        """List the addresses and ports of this machine that it publishes, or would publish when started."""
        bindings = self.facts["HostConfig"].get("PortBindings") or {}
        found = [one for some in bindings.values() for one in some or []]
        return [(one["HostIp"], int(one["HostPort"])) for one in found if one["HostPort"]]

    @property
    def ports(self) -> set[int]:
        return {port for _, port in self.published}

    @property
    def addresses(self) -> list[str]:
        return [url(bind, port) for bind, port in self.published]


def containers(project: str, environ: Mapping[str, str]) -> list[Container]:
    """Look at every container of the project, running or not, by name."""
    ids = capture(commands.containers(project), env=environ).out.split()
    if not ids:
        return []
    found = [Container(facts) for facts in json.loads(capture(commands.inspect(ids), env=environ).out or "[]")]
    return sorted(found, key=lambda container: container.name)


def volumes(project: str, environ: Mapping[str, str]) -> list[str]:
    return capture(commands.volumes(project), env=environ).out.split()


def memory(found: list[Container], environ: Mapping[str, str]) -> dict[str, int]:
    """Ask for the memory of the running ones: what the limit counts, less page cache that can be dropped."""
    ids = [container.id for container in found if container.running]
    lines = capture(commands.memory(ids), env=environ).out.splitlines() if ids else []
    read = [json.loads(line) for line in lines]
    return {one["Name"]: size(one["MemUsage"].split("/")[0]) for one in read}


def size(text: str) -> int:
    """Read a size as docker writes it: `12.5MiB`."""
    found = re.fullmatch(r"\s*([\d.]+)\s*([A-Za-z]+)\s*", text)
    return int(float(found[1]) * UNITS.get(found[2].upper(), 1)) if found else 0


def states(found: list[Container], used: Mapping[str, int]) -> list[ServiceState]:
    return [ServiceState(one.name, one.state, one.health, one.since, used.get(one.name)) for one in found]
