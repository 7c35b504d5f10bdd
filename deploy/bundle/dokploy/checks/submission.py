"""What is checked: the rendered folder, and what the stack says must be in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bundle.dokploy.imitation import toml, yaml12
from bundle.model import Stack
from bundle.render.dokploy import COMPOSE, GIT_COMPOSE, TEMPLATE
from bundle.render.dokploy_compose import host_name

FOLDER = Path("deploy/dokploy")
# What Dokploy adds to every `.env` by itself.
GIVEN = {"APP_NAME", "COMPOSE_PROJECT_NAME", "DOCKER_CONFIG"}
Service = Mapping[str, Any]


@dataclass(frozen=True)
class Submission:
    """The files by their path in the folder, the template's id, and the services' names."""

    files: Mapping[str, str]
    id: str
    names: tuple[str, ...]

    @cached_property
    def template(self) -> dict[str, Any]:
        return toml.parse(self.files[TEMPLATE])

    @property
    def config(self) -> dict[str, Any]:
        config: dict[str, Any] = self.template["config"]
        return config

    @property
    def lines(self) -> list[str]:
        """Give the lines of the Environment tab, as the template has them."""
        lines: list[str] = self.config["env"]
        return lines

    @property
    def names_in_tab(self) -> list[str]:
        """Give the names that are assigned there, in order."""
        return [name for name, equals, _ in (line.partition("=") for line in self.lines) if equals]

    @cached_property
    def documents(self) -> dict[str, Any]:
        """Give both Compose texts, parsed: the one that is pasted, and the one that builds from a checkout."""
        return {name: yaml12.load(self.files[name]) for name in (COMPOSE, GIT_COMPOSE)}

    def services(self) -> Iterator[tuple[str, Service]]:
        """Give every service of both texts with its place."""
        for file, document in self.documents.items():
            for name, service in document["services"].items():
                yield f"{file}: services.{name}", service


def read(root: Path, stack: Stack) -> Submission:
    folder = root / FOLDER
    found = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}
    texts = {name: path.read_text(encoding="utf-8") for name, path in found.items()}
    return Submission(texts, stack.name, tuple(host_name(stack, name) for name in stack.service))
