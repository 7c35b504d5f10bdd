"""The JSON lines of the services, shortened when a few of them explain a failure."""

import json
from typing import Any

LONGEST = 240


def parsed(line: str) -> dict[str, Any] | None:
    """Read one event, or nothing when the line is none."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and "event" in entry else None


def short(line: str) -> str:
    """Give level and event of a JSON line, and the last line of its traceback; other lines as they are."""
    entry = parsed(line)
    if entry is None:
        return line.strip()[:LONGEST]
    cause = str(entry.get("exc", "")).strip().splitlines()[-1:]
    words = [str(entry.get("level", "")).upper(), str(entry["event"]), *cause]
    return " ".join(" ".join(words).split())[:LONGEST]


def tail(text: str, *, lines: int) -> list[str]:
    """Shorten the last lines that are not blank, indented for quoting."""
    kept = [line for line in text.splitlines() if line.strip()][-lines:]
    return [f"    {short(line)}" for line in kept]
