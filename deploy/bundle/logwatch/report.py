"""The rules: a chore that did not run, errors, tasks that failed, programs that start again and again."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bundle.logwatch.lines import Event

CHORE = "archive-old-done-tickets"
SENT = re.compile(r"Scheduler: Sending due task (?P<name>\S+) \((?P<task>\S+)\)")
FAILED = re.compile(r"Task (?P<task>\S+)\[(?P<id>[^\]]+)\] raised unexpected: (?P<cause>.*)", re.DOTALL)
SUCCEEDED = re.compile(r"Task (?P<task>\S+)\[(?P<id>[^\]]+)\] succeeded in ")
# How each program says that it has started.
STARTS = {
    "worker": re.compile(r"\S+@\S+ ready\."),
    "beat": re.compile(r"beat: Starting\.\.\."),
    "web": re.compile(r"Starting gunicorn "),
}
ENDINGS = re.compile(r"Ending the container: |exited: \S+ .*not expected|signal 9 \(SIGKILL\)")
# A deploy starts each program once; several nodes once each, so starts are counted for each process's host.
STARTS_ALLOWED = 2
# A due time is answered within seconds; a task that waits behind another takes longer.
GRACE = timedelta(minutes=5)
SHOWN = 5


@dataclass(frozen=True)
class Wanted:
    chore: str
    every_seconds: float
    errors: int


def findings(events: Sequence[Event], since: datetime, now: datetime, wanted: Wanted) -> list[str]:
    """Return one sentence for each thing to look at."""
    return [
        *_chore(events, since, now, wanted),
        *_failed_tasks(events),
        *_restarts(events),
        *_endings(events),
        *_errors(events, wanted.errors),
    ]


def _chore(events: Sequence[Event], since: datetime, now: datetime, wanted: Wanted) -> Iterator[str]:
    """Look at each whole slot in the window for which there are lines at all: a log that was rotated proves nothing."""
    begun = max(since, events[0]["at"])
    sent = {event["at"]: match["task"] for event in events if (match := _sent(event, wanted.chore))}
    done = [(event["at"], match["task"]) for event in events if (match := SUCCEEDED.match(event["event"]))]
    for slot in _slots(begun, now - GRACE, wanted.every_seconds):
        until = slot + timedelta(seconds=wanted.every_seconds)
        tasks = [task for at, task in sent.items() if slot <= at < until]
        if not tasks:
            yield f"{wanted.chore} did not run: no beat sent it at {slot:%Y-%m-%d %H:%M} UTC."
        elif not any(slot <= at and task in tasks for at, task in done):
            yield f"{wanted.chore} was sent at {slot:%Y-%m-%d %H:%M} UTC, and {tasks[0]} did not succeed since."


def _sent(event: Event, chore: str) -> re.Match[str] | None:
    match = SENT.search(event["event"])
    return match if match and match["name"] == chore else None


def _slots(since: datetime, until: datetime, every: float) -> Iterator[datetime]:
    """Yield the multiples of the period between the two: an hour's are the full hours."""
    number = -(-since.timestamp() // every)
    while number * every <= until.timestamp():
        yield datetime.fromtimestamp(number * every, since.tzinfo)
        number += 1


def _failed_tasks(events: Sequence[Event]) -> Iterator[str]:
    """Group failures by task and cause; the numbers in a cause are what differs from one to the next."""
    matches = [match for event in events if (match := FAILED.match(event["event"]))]
    groups = Counter((match["task"], _cause(match["cause"])) for match in matches)
    for (task, cause), count in groups.most_common(SHOWN):
        last = next(match["id"] for match in reversed(matches) if match["task"] == task)
        yield f"{task} failed {count} times: {cause} (last: {last})"


def _cause(text: str) -> str:
    return re.sub(r"\d+", "…", text.strip().splitlines()[0])[:200]


def _restarts(events: Sequence[Event]) -> Iterator[str]:
    for program, pattern in STARTS.items():
        hosts = Counter(_host(event) for event in events if pattern.match(event["event"]))
        for host, count in hosts.items():
            if count > STARTS_ALLOWED:
                yield f"{program}{f' on {host}' if host else ''} started {count} times: something ends it."


def _host(event: Event) -> str:
    """Name the node that a ready worker names itself after, else the service whose line it is."""
    match = re.match(r"\S+@(\S+) ready", event["event"])
    return match[1] if match else str(event["service"])


def _endings(events: Sequence[Event]) -> Iterator[str]:
    ended = Counter(re.sub(r"\d+", "…", event["event"])[:200] for event in events if ENDINGS.search(event["event"]))
    for sentence, count in ended.most_common(SHOWN):
        yield f"{count} times: {sentence}"


def _errors(events: Sequence[Event], most: int) -> Iterator[str]:
    errors = [event for event in events if event["level"] in ("error", "critical")]
    if len(errors) <= most:
        return
    share = 100 * len(errors) / len(events)
    yield f"{len(errors)} of {len(events)} lines are errors ({share:.1f} %); most often:"
    kinds = Counter((event["logger"], re.sub(r"\d+", "…", event["event"].splitlines()[0])[:160]) for event in errors)
    for (logger, sentence), count in kinds.most_common(SHOWN):
        yield f"    {count} times {logger}: {sentence}"
