"""Tell secrets from plain variables in what a process is given."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bundle import environment
from bundle.aspects import ENVIRONMENT, SECRETS
from bundle.environment import STACK
from bundle.equivalence.facts import Value, each, said
from bundle.model import Stack

SUFFIX = "_FILE"
# Services have another one in each target.
AN_ADDRESS = "an address"
THE_ENVIRONMENT = "the environment"
# What the reader of a file leaves of `${NAME}` when the value is not in the file.
UNRESOLVED = re.compile(r"<(\w+)>")


@dataclass(frozen=True)
class SecretFile:
    """A file that a process can open: which secret is in it, and how it came there."""

    secret: str
    source: str


@dataclass(frozen=True)
class Handed:
    """The environment of one process, and its secret files by their paths."""

    stack: Stack
    given: Mapping[str, str]
    files: Mapping[str, SecretFile]

    def values(self) -> dict[str, Value]:
        sources = {*(file.source for file in self.files.values()), *self._sources()}
        source = said(secret_source=" and ".join(sorted(sources)))
        return each(SECRETS, self._secrets()) | source | each(ENVIRONMENT, self._plain())

    def _secrets(self) -> dict[str, str]:
        """Say which secret each variable reads, and which file is there for none."""
        read = {name.removesuffix(SUFFIX): self._behind(self.given[name]) for name in self._files()}
        plain = {name: self._unresolved(self.given[name]) for name in self._plain_secrets()}
        paths = set(self.given.values())
        unread = {file.secret: "mounted for no variable" for path, file in self.files.items() if path not in paths}
        return read | plain | unread

    def _behind(self, path: str) -> str:
        return self.files[path].secret if path in self.files else f"{path}, which is not there"

    def _unresolved(self, value: str) -> str:
        found = UNRESOLVED.fullmatch(value)
        return found[1].lower() if found else "written in the file"

    def _sources(self) -> list[str]:
        return [THE_ENVIRONMENT] if self._plain_secrets() else []

    def _plain_secrets(self) -> list[str]:
        return [name for name in self.given if name in self.stack.variable and self.stack.variable[name].secret]

    def _files(self) -> list[str]:
        return [
            name
            for name, path in self.given.items()
            if name.endswith(SUFFIX) and (path in self.files or self._of(name))
        ]

    def _of(self, name: str) -> bool:
        variable = self.stack.variable.get(name.removesuffix(SUFFIX))
        return variable is not None and variable.secret is not None

    def _plain(self) -> dict[str, str]:
        hidden = {*self._files(), *self._plain_secrets()}
        return {
            name: AN_ADDRESS if value and self._is_address(name) else value
            for name, value in self.given.items()
            if name not in hidden
        }

    def _is_address(self, name: str) -> bool:
        variable = self.stack.variable.get(name)
        return variable is not None and STACK in environment.placeholders(variable.container_value or "")
