"""Read what a manager says about the services of one stack and their tasks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bundle.containers import state as containers
from bundle.process import capture
from bundle.swarm import commands

ENDED = ("complete", "shutdown", "failed", "rejected", "remove", "orphaned")
NANOSECONDS = 10**9
BAD = ("failed", "rejected", "orphaned")


@dataclass(frozen=True)
class Task:
    """One container that a service has, had, or wants."""

    facts: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.facts["ID"])

    @property
    def service_id(self) -> str:
        return str(self.facts["ServiceID"])

    @property
    def created(self) -> str:
        return str(self.facts["CreatedAt"])

    @property
    def slot(self) -> int:
        return int(self.facts.get("Slot", 0))

    @property
    def state(self) -> str:
        return str(self.facts["Status"]["State"])

    @property
    def wanted(self) -> bool:
        return str(self.facts["DesiredState"]) in ("ready", "running")

    @property
    def alive(self) -> bool:
        return self.state not in ENDED

    @property
    def bad(self) -> bool:
        return self.state in BAD

    @property
    def since(self) -> str:
        return str(self.facts["Status"]["Timestamp"])[:19].replace("T", " ")

    @property
    def node(self) -> str:
        return str(self.facts.get("NodeID", ""))

    @property
    def container(self) -> str:
        return str((self.facts["Status"].get("ContainerStatus") or {}).get("ContainerID", ""))

    @property
    def error(self) -> str:
        """Say why it ended, or why it does not start."""
        return str(self.facts["Status"].get("Err", ""))

    @property
    def message(self) -> str:
        return str(self.facts["Status"].get("Message", ""))

    @property
    def template(self) -> object:
        return made_of(self.facts["Spec"])


@dataclass(frozen=True)
class Service:
    """One service of the stack, with its tasks from old to new."""

    facts: Mapping[str, Any]
    stack: str
    tasks: list[Task] = field(default_factory=list)

    @property
    def id(self) -> str:
        return str(self.facts["ID"])

    @property
    def name(self) -> str:
        return str(self.facts["Spec"]["Name"]).removeprefix(f"{self.stack}_")

    @property
    def replicas(self) -> int:
        return int(self.facts["Spec"]["Mode"]["Replicated"].get("Replicas", 0))

    @property
    def one_shot(self) -> bool:
        return str(self.facts["Spec"]["TaskTemplate"]["RestartPolicy"]["Condition"]) == "none"

    @property
    def update(self) -> str:
        """Give the state of the last change; a new change begins with none."""
        return str((self.facts.get("UpdateStatus") or {}).get("State", ""))

    @property
    def update_message(self) -> str:
        return str((self.facts.get("UpdateStatus") or {}).get("Message", ""))

    @property
    def stop_seconds(self) -> int:
        return int(self.facts["Spec"]["TaskTemplate"]["ContainerSpec"].get("StopGracePeriod", 0)) // NANOSECONDS

    @property
    def monitor_seconds(self) -> int:
        return int((self.facts["Spec"].get("UpdateConfig") or {}).get("Monitor", 0)) // NANOSECONDS

    @cached_property
    def template(self) -> object:
        return made_of(self.facts["Spec"]["TaskTemplate"])

    @property
    def up_to_date(self) -> list[Task]:
        """List the tasks that run as the service wants them now; running means healthy, at least once."""
        return [
            task for task in self.tasks if task.wanted and task.state == "running" and task.template == self.template
        ]

    @property
    def ending(self) -> list[Task]:
        return [task for task in self.tasks if not task.wanted and task.alive]

    @property
    def published(self) -> list[int]:
        """List the ports that every node publishes."""
        return [int(port["PublishedPort"]) for port in (self.facts.get("Endpoint") or {}).get("Ports") or []]

    @property
    def secrets(self) -> set[str]:
        """Name the secrets that it uses, and would use again after a rollback."""
        specs = [self.facts["Spec"], self.facts.get("PreviousSpec") or {}]
        containers = [(spec.get("TaskTemplate") or {}).get("ContainerSpec") or {} for spec in specs]
        return {str(secret["SecretName"]) for one in containers for secret in one.get("Secrets") or []}


def services(swarm: commands.Swarm, environ: Mapping[str, str]) -> list[Service]:
    """Look at every service of the stack, by name."""
    tasks = all_tasks(swarm, environ)
    found = [
        Service(facts, swarm.stack, [task for task in tasks if task.service_id == facts["ID"]])
        for facts in listed("service", swarm.services(), environ)
    ]
    return sorted(found, key=lambda service: service.name)


def all_tasks(swarm: commands.Swarm, environ: Mapping[str, str]) -> list[Task]:
    """Look at every task of the stack, also of a service that is gone while its containers still end."""
    return sorted((Task(facts) for facts in listed("task", swarm.tasks(), environ)), key=lambda task: task.created)


def listed(kind: str, command: list[str], environ: Mapping[str, str]) -> list[dict[str, Any]]:
    """Inspect what a command lists."""
    return inspected(kind, capture(command, env=environ).out.split(), environ)


def inspected(kind: str, ids: list[str], environ: Mapping[str, str]) -> list[dict[str, Any]]:
    """Ask for each; what has gone meanwhile is left out."""
    if not ids:
        return []
    found: list[dict[str, Any]] = json.loads(capture(commands.inspect(kind, ids), env=environ).out or "[]")
    return found


def made_of(template: Mapping[str, Any]) -> object:
    """Take what a container is made of; the rest is filled in differently in a service and in its tasks."""
    return _significant({key: template.get(key) for key in ("ContainerSpec", "Resources", "Networks", "ForceUpdate")})


def _significant(value: object) -> object:
    """Leave out what says nothing."""
    if isinstance(value, Mapping):
        kept = {key: _significant(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if each not in (None, {}, [], False, "", 0)}
    return [_significant(each) for each in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Container(containers.Container):
    """One container of the stack on this node."""

    stack: str = ""

    @property
    def service(self) -> str:
        return str(self.facts["Config"]["Labels"].get(commands.SERVICE_LABEL, "")).removeprefix(f"{self.stack}_")


def local(swarm: commands.Swarm, environ: Mapping[str, str]) -> list[Container]:
    """Look at the running containers of this node, by name."""
    found = [Container(facts, swarm.stack) for facts in listed("container", swarm.containers(), environ)]
    return sorted((one for one in found if one.running), key=lambda one: one.name)
