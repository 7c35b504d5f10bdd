"""One spelling for what targets spell differently."""

import re
import shlex
from collections.abc import Iterable, Sequence

SCRIPT = re.compile(r"\S*/(?=entrypoints/[\w.-]+$)")
DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|us|h|m|s)")
SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 0.000001}
# What hardening comes to, whatever it is called.
NONE_KEPT = "none kept"
NO_NEW_ONES = "no new ones"
MEBIBYTES = {"b": 1 / 1024**2, "k": 1 / 1024, "m": 1.0, "g": 1024.0}


def command(words: Iterable[str]) -> str:
    """Write a command as one line; where our scripts lie differs between targets and says nothing."""
    return shlex.join(SCRIPT.sub("", word) for word in words)


def started(words: Sequence[str]) -> dict[str, str]:
    """Tell the program from its arguments."""
    return {"command": command(words[:1]), "arguments": command(words[1:])}


def seconds(duration: str | float) -> float:
    """Read 1m30s, 90s or 90."""
    found = DURATION.findall(str(duration))
    total = sum(float(number) * SECONDS[unit] for number, unit in found) if found else float(duration)
    return whole(total)


def mebibytes(size: str | int) -> float:
    """Read 512m, 512M, 1g, 536870912."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([bkmg]?)i?b?", str(size).lower())
    if match is None:
        raise ValueError(f"{size!r} is not a size")
    return whole(float(match[1]) * MEBIBYTES[match[2] or "b"])


def whole(number: float) -> float:
    return int(number) if number == int(number) else number


def listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))
