"""What the person at the keyboard sees: colour and progress on a terminal, plain lines in a log."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bundle.errors import BundleError

PAUSE_SECONDS = 0.2
BOLD, DIM, RED, YELLOW = "1", "2", "31", "33"


class WaitedTooLongError(BundleError):
    """Look at the logs of what is named, then repeat the command."""


def say(text: str) -> None:
    """Print one line of the answer."""
    print(text, flush=True)


def note(text: str) -> None:
    """Print one line that is not part of the answer."""
    print(text, file=sys.stderr, flush=True)


def interactive() -> bool:
    """Tell whether somebody is watching the messages."""
    return sys.stderr.isatty()


def shows_answers() -> bool:
    """Tell whether somebody is watching the answers, which may go elsewhere than the messages."""
    return sys.stdout.isatty()


def coloured(text: str, colour: str) -> str:
    return f"\033[{colour}m{text}\033[0m" if colour and shows_answers() else text


def bold(text: str) -> str:
    return coloured(text, BOLD)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Name what is being done; on a terminal also how long it took."""
    began = time.monotonic()
    note(f"{text} ...")
    yield
    if interactive():
        note(f"  done in {time.monotonic() - began:.1f} s")


def wait_until(
    done: Callable[[], str], *, timeout_seconds: float, what: str, pause_seconds: float = PAUSE_SECONDS
) -> None:
    """Poll until `done` returns an empty string; it returns what is still missing."""
    began = time.monotonic()
    while missing := done():
        passed = time.monotonic() - began
        if passed > timeout_seconds:
            _progress("")
            raise WaitedTooLongError(f"{what}: still waiting for {missing} after {passed:.0f} s.")
        _progress(f"  {missing} ({passed:.0f} s)")
        time.sleep(pause_seconds)
    _progress("")


def _progress(text: str) -> None:
    """Show a line that the next one replaces; a log gets none of them."""
    if interactive():
        sys.stderr.write(f"\r\033[K{text}")
        sys.stderr.flush()


def confirmed(question: str, answer: str) -> bool:
    """Ask for a word to be typed; without a terminal nobody can type it, so the answer is no."""
    if not sys.stdin.isatty():
        return False
    return input(f"{question}\nType {answer} to go on: ").strip() == answer


def table(rows: list[tuple[str, ...]]) -> str:
    """Align columns; the first row is the heading."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([bold(lines[0]), *lines[1:]])
