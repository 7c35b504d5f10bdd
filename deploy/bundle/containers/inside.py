"""Commands inside a container that holds the backend's code."""

import sys
from abc import abstractmethod
from collections.abc import Mapping, Sequence

from bundle.containers import commands
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.process import Result, become, capture
from bundle.runtimes import MANAGE


class Inside:
    """What a runtime whose backend is a container offers of Runtime: `manage` and `ask`."""

    invocation: Invocation

    @property
    @abstractmethod
    def environ(self) -> dict[str, str]:
        """The variables that the engine's client is called with."""

    @abstractmethod
    def running_here(self) -> Mapping[str, str]:
        """Map the services that run on this engine to the id of a container of each."""

    @abstractmethod
    def nobody_answers(self, services: Sequence[str]) -> BundleError:
        """Say why none of the services runs here, and what to do."""

    def manage(self, words: Sequence[str]) -> int:
        on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        return become(self._command(words, terminal=on_terminal), env=self.environ)

    def ask(self, words: Sequence[str]) -> Result:
        return capture(self._command(words, terminal=False), env=self.environ)

    def _command(self, words: Sequence[str], *, terminal: bool) -> list[str]:
        program = f"{self.invocation.source.code_path}/{MANAGE}"
        return commands.execute(self._backend(), ["python", program, *words], terminal=terminal)

    def _backend(self) -> str:
        """Find a container that holds the backend's code and answers: the web, else the worker."""
        halves, running = self.invocation.source.variable["ONLY"].choices, self.running_here()
        for service in halves:
            if service in running:
                return running[service]
        raise self.nobody_answers(halves)
