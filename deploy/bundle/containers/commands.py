"""Command lines for the engine and for Compose: built here, run elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
# An image that Compose built bears the project's label, and so does every container that anybody runs from it; only
# the containers that Compose made have this one too.
CONFIG_LABEL = "com.docker.compose.config-hash"
FILES_LABEL = "com.docker.compose.project.config_files"


@dataclass(frozen=True)
class Compose:
    """Compose v2 on one project."""

    program: tuple[str, ...]
    project: str
    file: Path
    overlays: tuple[Path, ...] = ()

    def _line(self, *words: str, progress: str = "") -> list[str]:
        shown = ["--progress", progress] if progress else []
        files = [word for file in (self.file, *self.overlays) for word in ("--file", str(file))]
        return [*self.program, *shown, "--project-name", self.project, *files, *words]

    def build(self, services: Sequence[str], *, progress: str) -> list[str]:
        return self._line("build", *services, progress=progress)

    def up(
        self, services: Sequence[str], *, progress: str, timeout_seconds: int, scale: Mapping[str, int]
    ) -> list[str]:
        flags = ["--detach", "--wait", "--wait-timeout", str(timeout_seconds), "--no-build", "--remove-orphans"]
        numbers = [word for service, number in scale.items() for word in ("--scale", f"{service}={number}")]
        return self._line("up", *flags, *numbers, *services, progress=progress)

    def remove(self, services: Sequence[str], *, progress: str) -> list[str]:
        return self._line("rm", "--stop", "--force", *services, progress=progress)

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


def ask_image(image: str, script: str) -> list[str]:
    """Run a shell script in an image, with nothing but its own files."""
    closed = ["--rm", "--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
    return ["docker", "run", *closed, "--entrypoint=sh", image, "-c", script]


def save(names: Sequence[str], archive: Path) -> list[str]:
    return ["docker", "image", "save", "--output", str(archive), *names]


def load_images(archive: Path) -> list[str]:
    return ["docker", "image", "load", "--quiet", "--input", str(archive)]


def tag(image: str, name: str) -> list[str]:
    return ["docker", "image", "tag", image, name]


def engine_architecture() -> list[str]:
    return ["docker", "version", "--format", "{{.Server.Arch}}"]
