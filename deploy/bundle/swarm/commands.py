"""Command lines for a swarm: built here, run elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

STACK_LABEL = "com.docker.stack.namespace"
SERVICE_LABEL = "com.docker.swarm.service.name"
# On a relay: its stack, the service behind it, and what it does.
RELAY_LABEL, TARGET_LABEL, DIGEST_LABEL = "deskbeat.relay", "deskbeat.relay.service", "deskbeat.relay.digest"


@dataclass(frozen=True)
class Swarm:
    """One stack, seen from a manager."""

    stack: str

    @property
    def _label(self) -> list[str]:
        return ["--filter", f"label={STACK_LABEL}={self.stack}"]

    def service(self, name: str) -> str:
        return f"{self.stack}_{name}"

    def deploy(self, files: Sequence[Path], *, registry: bool) -> list[str]:
        """Take images as they are pinned: asking a registry for them again would only warn where there is none."""
        flags = ["--resolve-image", "never", *(["--with-registry-auth"] if registry else [])]
        compose = [word for file in files for word in ("--compose-file", str(file))]
        return ["docker", "stack", "deploy", *flags, *compose, self.stack]

    def remove(self) -> list[str]:
        return ["docker", "stack", "rm", self.stack]

    def remove_services(self, names: Sequence[str]) -> list[str]:
        return ["docker", "service", "rm", *(self.service(name) for name in names)]

    def services(self) -> list[str]:
        return ["docker", "service", "ls", "--quiet", *self._label]

    def tasks(self) -> list[str]:
        return ["docker", "stack", "ps", "--quiet", "--no-trunc", self.stack]

    def containers(self) -> list[str]:
        """List those on this node, ended ones too."""
        return ["docker", "ps", "--all", "--quiet", *self._label]

    def networks(self) -> list[str]:
        return ["docker", "network", "ls", "--quiet", *self._label]

    def volumes(self) -> list[str]:
        return ["docker", "volume", "ls", "--quiet", *self._label]

    def secrets(self) -> list[str]:
        return ["docker", "secret", "ls", "--format", "{{.Name}}", *self._label]

    def logs(self, service: str, *, follow: bool) -> list[str]:
        """Print bare lines: each stays one JSON document."""
        flags = ["--raw", *(["--follow", "--tail", "100"] if follow else [])]
        return ["docker", "service", "logs", *flags, self.service(service)]


def membership() -> list[str]:
    return ["docker", "info", "--format", "{{json .Swarm}}"]


def nodes() -> list[str]:
    return ["docker", "node", "ls", "--quiet"]


def inspect(kind: str, ids: Sequence[str]) -> list[str]:
    return ["docker", "inspect", "--type", kind, *ids]


def label_node(node: str, label: str) -> list[str]:
    return ["docker", "node", "update", "--label-add", f"{label}=true", node]


def task_logs(task: str, *, lines: int) -> list[str]:
    return ["docker", "service", "logs", "--raw", "--tail", str(lines), task]


def containers_of(service: str) -> list[str]:
    return ["docker", "ps", "--all", "--quiet", "--filter", f"label={SERVICE_LABEL}={service}"]


def container_logs(container: str, lines: int | None = None) -> list[str]:
    return ["docker", "logs", *(["--tail", str(lines)] if lines else []), container]


def image_id(name: str) -> list[str]:
    return ["docker", "image", "inspect", "--format", "{{.Id}}", name]


def image_digests(name: str) -> list[str]:
    return ["docker", "image", "inspect", "--format", "{{json .RepoDigests}}", name]


def pull(image: str) -> list[str]:
    return ["docker", "pull", "--quiet", image]


def tag(image: str, name: str) -> list[str]:
    return ["docker", "tag", image, name]


def push(image: str) -> list[str]:
    return ["docker", "push", image]


def volumes() -> list[str]:
    return ["docker", "volume", "ls", "--quiet"]


def remove_volumes(names: Sequence[str]) -> list[str]:
    return ["docker", "volume", "rm", *names]


def remove_secrets(names: Sequence[str]) -> list[str]:
    return ["docker", "secret", "rm", *names]


def relays(stack: str) -> list[str]:
    return ["docker", "ps", "--all", "--quiet", "--filter", f"label={RELAY_LABEL}={stack}"]


def remove_containers(names: Sequence[str]) -> list[str]:
    return ["docker", "rm", "--force", "--volumes", *names]
