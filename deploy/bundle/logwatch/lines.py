"""JSON lines in any wrapping: as they were written, behind Compose's prefix, below the headings of `tail`."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
Event = dict[str, Any]


@dataclass(frozen=True)
class Read:
    """`total` counts every line, also those that are no event of ours."""

    total: int
    events: list[Event]


def read(text: Iterable[str], since: datetime) -> Read:
    """Return the events from `since` on, in the order of their time; whatever else stands between them is left out."""
    total, events = 0, []
    for line in text:
        total += 1
        event = parsed(line)
        if event is not None and event["at"] >= since:
            events.append(event)
    return Read(total, sorted(events, key=lambda event: event["at"]))


def parsed(line: str) -> Event | None:
    start = line.find("{")
    if start < 0:
        return None
    try:
        entry = json.loads(line[start:])
        at = datetime.fromisoformat(entry["ts"])
    except (ValueError, KeyError, TypeError):
        return None
    if at.tzinfo is None or not isinstance(entry.get("event"), str):
        return None
    service = line[:start].strip(" |")
    return {"level": "", "logger": "", "service": service, **entry, "at": at}


def seconds(text: str) -> float:
    """Read 90s, 30m, 2h, 1d."""
    match = re.fullmatch(r"(\d+)([smhd])", text)
    if match is None:
        raise ValueError(f"{text!r} is no length of time: write it as 30m, 2h or 1d.")
    return float(match[1]) * UNITS[match[2]]


def moment(text: str, now: datetime) -> datetime:
    """Read a length of time before now, or a time, which is in UTC unless it says otherwise."""
    if re.fullmatch(r"\d+[smhd]", text):
        return now - timedelta(seconds=seconds(text))
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"--since {text!r} is no time: write 30m, 2h, 1d or 2026-11-21T08:00:00.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
