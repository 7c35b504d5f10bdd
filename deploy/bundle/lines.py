"""Log lines as a person at a terminal reads them: time, level, service, logger, event, and what else the line knows."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bundle import logs, terminal
from bundle.process import each_line

# Where a line comes from, and the line; None when it only says where the next ones come from.
Origin = Callable[[str], tuple[str, str] | None]

HEAD = ("ts", "level", "logger", "event", "process", "pid", "exc")
COLOURS = {"debug": terminal.DIM, "warning": terminal.YELLOW, "error": terminal.RED, "critical": terminal.RED}
# The longest names of levels and of services.
LEVEL_WIDTH, SERVICE_WIDTH = 8, 8
TAIL_HEADING = re.compile(r"==> (.*) <==")


def show(command: Sequence[str], origin: Origin, *, env: Mapping[str, str] | None = None) -> int:
    """Run what prints log lines, and print each as soon as it comes."""

    def take(line: str) -> None:
        if found := origin(line):
            terminal.say(readable(*found))

    return each_line(command, take, env=env)


def prefixed(stack: str) -> Origin:
    """Read `<container>  | <line>`, as Compose writes it."""

    def split(line: str) -> tuple[str, str]:
        name, bar, text = line.partition("| ")
        return (name.strip().removeprefix(f"{stack}-"), text) if bar else ("", line)

    return split


def headed(first: Path) -> Origin:
    """Read lines below `==> <file> <==`, as `tail` writes it for more than one, with a blank line above."""
    service = first.stem

    def split(line: str) -> tuple[str, str] | None:
        nonlocal service
        if heading := TAIL_HEADING.fullmatch(line):
            service = Path(heading[1]).stem
        return (service, line) if line and not heading else None

    return split


def readable(service: str, line: str) -> str:
    """Lay a JSON line out; any other line stays as it is."""
    entry = logs.parsed(line)
    if entry is None:
        return line
    time = str(entry.get("ts", ""))[:19].replace("T", " ")
    level = str(entry.get("level", ""))
    event = _indented(str(entry["event"]))
    words = [
        terminal.coloured(time, terminal.DIM),
        terminal.coloured(level.upper().ljust(LEVEL_WIDTH), COLOURS.get(level, "")),
        service.ljust(SERVICE_WIDTH),
        f"{_printable(str(entry.get('logger', '')))}: {event}",
        *(terminal.coloured(word, terminal.DIM) for word in _more(entry)),
    ]
    trace = f"\n    {_indented(str(entry['exc']))}" if entry.get("exc") else ""
    return " ".join(words) + trace


def _more(entry: Mapping[str, Any]) -> list[str]:
    """Give the other fields, but for those whose value the event says already."""
    fields = {name: _printable(str(value)) for name, value in entry.items() if name not in HEAD}
    return [f"{name}={value}" for name, value in fields.items() if not _says(str(entry["event"]), value)]


def _says(event: str, value: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(value)}(?!\d)", event) is not None


def _indented(text: str) -> str:
    return "\n    ".join(_printable(line) for line in text.splitlines() if line.strip())


def _printable(text: str) -> str:
    """Show control characters: what a stranger put into a path must not steer the terminal."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
