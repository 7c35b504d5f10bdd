"""Which level Dokploy gives a log line that says so itself; v0.30.0 asks this before it guesses by words."""

import re

NAMED = re.compile(r'"(?:level|severity|log\.level|loglevel)"\s*:\s*"(\w+)"', re.IGNORECASE)
NUMBERED = re.compile(r'"level"\s*:\s*(\d{1,2})\b')
ASSIGNED = re.compile(r'(?:^|\s)(?:level|severity)="?(\w+)', re.IGNORECASE)
WORDS = {
    **dict.fromkeys(("trace", "debug"), "debug"),
    **dict.fromkeys(("info", "information", "notice"), "info"),
    **dict.fromkeys(("warn", "warning"), "warning"),
    **dict.fromkeys(("error", "err", "fatal", "critical", "panic", "alert", "emergency"), "error"),
}
# pino counts up, syslog down; each from the first number that fits.
PINO = ((50, "error"), (40, "warning"), (30, "info"), (10, "debug"))
SYSLOG = {**dict.fromkeys(range(4), "error"), 4: "warning", 5: "info", 6: "info"}


def stated(line: str) -> str | None:
    """Give the level, or None where Dokploy would go on to guess."""
    if named := NAMED.search(line):
        return WORDS.get(named[1].lower())
    if numbered := NUMBERED.search(line):
        number = int(numbered[1])
        return next((word for least, word in PINO if number >= least), SYSLOG.get(number, "debug"))
    assigned = ASSIGNED.search(line)
    return WORDS.get(assigned[1].lower()) if assigned else None
