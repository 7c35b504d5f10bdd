"""What was done when something goes wrong in the middle: Dokploy knows no transactions."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bundle import terminal
from bundle.errors import BundleError

AGAIN = "Nothing is lost: the same command goes on from there."


class Journal:
    """The steps of one call, in words."""

    def __init__(self, planned: Sequence[str]) -> None:
        self._planned = planned
        self._done: list[str] = []
        self._doing = ""

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        self._doing = title
        with terminal.step(f"{title[0].upper()}{title[1:]}"):
            yield
        self._done.append(title)
        self._doing = ""

    @contextmanager
    def told(self) -> Iterator[None]:
        """Add to a failure what was done before it and what was not."""
        try:
            yield
        except BundleError as error:
            raise BundleError(*error.problems, *self._lines()) from None
        except KeyboardInterrupt:
            terminal.note("\n".join(self._lines()))
            raise

    def _lines(self) -> list[str]:
        waiting = [title for title in self._planned if title not in (*self._done, self._doing)]
        parts = {"Done": self._done, "Perhaps done": [self._doing] if self._doing else [], "Not done": waiting}
        lines = [f"{word}: {', '.join(titles)}." for word, titles in parts.items() if titles]
        return [*lines, AGAIN] if self._done or self._doing else []
