"""Do all targets say the same? Each rendered file is read back, and compared with what Compose is told.

A reader turns the files of one target into facts per service; it reads the output alone, so that a mistake of a
renderer cannot hide in the model that both share.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from bundle.equivalence import compare, compose, dokploy, supervisord, swarm, systemd
from bundle.equivalence.facts import Facts
from bundle.model import Stack

Reader = Callable[[Stack, Mapping[str, str]], dict[str, Facts]]
DEPLOY = Path("deploy")
READERS: dict[str, Reader] = {
    "compose": lambda stack, files: compose.read(stack, files["compose.yaml"]),
    "dokploy": lambda stack, files: dokploy.read(stack, files["docker-compose.yml"], files["template.toml"]),
    "host": lambda stack, files: supervisord.read(stack, files["supervisord.conf"]),
    "swarm": lambda stack, files: swarm.read(stack, files["stack.yaml"]),
    "systemd": systemd.read,
}


def differences(stack: Stack, files: Mapping[Path, str]) -> list[str]:
    """Compare the rendered targets; one sentence for each difference that nobody gave a reason for."""
    return compare.sentences(stack, read(stack, files))


def read(stack: Stack, files: Mapping[Path, str]) -> dict[str, dict[str, Facts]]:
    """Give the facts of each service of each target."""
    folders = {name: _folder(files, name) for name in READERS}
    return {name: READERS[name](stack, folder) for name, folder in folders.items() if folder}


def _folder(files: Mapping[Path, str], target: str) -> dict[str, str]:
    folder = DEPLOY / target
    return {str(path.relative_to(folder)): text for path, text in files.items() if path.is_relative_to(folder)}
