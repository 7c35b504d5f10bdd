"""Command lines for the engine and for Compose: built here, run elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
# An image that Compose built bears the project's label, and so does every container that anybody runs from it; only
# the containers that Compose made have this one too.
CONFIG_LABEL = "com.docker.compose.config-hash"


@dataclass(frozen=True)
class Compose:
    """Compose v2 on one project."""

    program: tuple[str, ...]
    project: str
    file: Path

    def _line(self, *words: str, progress: str = "") -> list[str]:
        shown = ["--progress", progress] if progress else []
        return [*self.program, *shown, "--project-name", self.project, "--file", str(self.file), *words]

    def build(self, services: Sequence[str], *, progress: str) -> list[str]:
        return self._line("build", *services, progress=progress)

    def up(self, services: Sequence[str], *, progress: str, timeout_seconds: int) -> list[str]:
        flags = ["--detach", "--wait", "--wait-timeout", str(timeout_seconds), "--no-build", "--remove-orphans"]
        return self._line("up", *flags, *services, progress=progress)

    def down(self, *, progress: str, volumes: bool = False) -> list[str]:
        flags = ["--remove-orphans", *(["--volumes"] if volumes else [])]
        return self._line("down", *flags, progress=progress)

    def logs(self, services: Sequence[str], *, follow: bool, prefix: bool) -> list[str]:
        """Without the prefix every line stays one JSON document."""
        bare = [] if prefix else ["--no-log-prefix"]
        flags = [*bare, "--no-color", *(["--follow", "--tail", "100"] if follow else [])]
        return self._line("logs", *flags, *services)

    def last_lines(self, service: str, *, lines: int) -> list[str]:
        return self._line("logs", "--no-log-prefix", "--no-color", "--tail", str(lines), service)


def engine_version() -> list[str]:
    return ["docker", "version", "--format", "{{.Server.Version}}"]


def containers(project: str) -> list[str]:
    wanted = ["--filter", f"label={PROJECT_LABEL}={project}", "--filter", f"label={CONFIG_LABEL}"]
    return ["docker", "ps", "--all", "--quiet", *wanted]


def volumes(project: str) -> list[str]:
    return ["docker", "volume", "ls", "--quiet", "--filter", f"label={PROJECT_LABEL}={project}"]


def inspect(ids: Sequence[str]) -> list[str]:
    return ["docker", "inspect", *ids]


def inspect_image(name: str) -> list[str]:
    return ["docker", "image", "inspect", name]


def image_ids(names: Sequence[str]) -> list[str]:
    return ["docker", "image", "inspect", "--format", "{{.Id}}", *names]


def memory(ids: Sequence[str]) -> list[str]:
    return ["docker", "stats", "--no-stream", "--format", "{{json .}}", *ids]


def execute(container: str, words: Sequence[str], *, terminal: bool) -> list[str]:
    return ["docker", "exec", "--interactive", *(["--tty"] if terminal else []), container, *words]
