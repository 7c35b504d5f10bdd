"""Log lines for people: the JSON lines of the services, shortened when a few of them explain a failure."""

import json

LONGEST = 240


def readable(line: str) -> str:
    """Give level and event of a JSON line, and the last line of its traceback; other lines as they are."""
    try:
        entry = json.loads(line)
    except ValueError:
        entry = None
    if not isinstance(entry, dict) or "event" not in entry:
        return line.strip()[:LONGEST]
    cause = str(entry.get("traceback") or entry.get("exception") or "").strip().splitlines()[-1:]
    words = [str(entry.get("level", "")).upper(), str(entry["event"]), *cause]
    return " ".join(" ".join(words).split())[:LONGEST]


def tail(text: str, *, lines: int) -> list[str]:
    """Shorten the last lines that are not blank, indented for quoting."""
    kept = [line for line in text.splitlines() if line.strip()][-lines:]
    return [f"    {readable(line)}" for line in kept]
