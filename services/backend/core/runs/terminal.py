"""Runs as a terminal shows them: a table, one run with all that is known of it, and both as JSON."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime

from core.runs.arguments import hidden
from core.runs.enums import State
from core.runs.models import Run
from core.runs.results import WORDS
from core.runs.selectors import item_list

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
COLUMNS = "{:<36}  {:<16}  {:<9}  {:<40}  {:>7}  {}"
# More are read page by page through the API.
ITEMS = 100


def since_moment(text: str, now: datetime) -> datetime:
    """Return the moment that `90m`, `2h`, `3d` or an ISO time with its zone names, or raise ValueError."""
    if ago := re.fullmatch(r"(\d{1,6})([smhd])", text):
        return now - timedelta(**{UNITS[ago[2]]: int(ago[1])})
    moment = parse_datetime(text)
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"{text!r} is no time: use 90m, 2h, 3d, or an ISO time with its zone, 2026-11-21T12:00:00Z.")
    return moment


def table(runs: list[Run]) -> Iterator[str]:
    yield COLUMNS.format("run", "asked for (UTC)", "state", "task", "took", "")
    for run in runs:
        yield COLUMNS.format(
            str(run.id), f"{run.queued_at:%Y-%m-%d %H:%M}", run.state, run.name, _took(run), _remark(run)
        ).rstrip()


def _took(run: Run) -> str:
    if run.started_at is None or run.finished_at is None:
        return ""
    return f"{(run.finished_at - run.started_at).total_seconds():.1f} s"


def _remark(run: Run) -> str:
    """Return the one thing to know of it: its error, its note, how far it is, or what it changed."""
    if run.error or run.note:
        return (run.error or run.note).splitlines()[0][:80]
    if run.is_open and run.progress_done is not None:
        return f"{run.progress_done} of {run.progress_total or '?'}"
    return f"changed {run.changed} of {run.examined}" if run.examined else ""


def card(run: Run) -> Iterator[str]:
    """Yield everything known of the run, its items and its traceback."""
    for name, value in as_json(run).items():
        if value not in (None, "", [], {}) and name not in ("items", "traceback"):
            yield f"{name + ':':<20}{value}"
    for item in item_list(run)[:ITEMS]:
        yield f"  {item.outcome:<8} {item.subject}  {item.error}".rstrip()
    yield from run.traceback.splitlines()


def as_json(run: Run) -> dict[str, Any]:
    """Return the run as the API shows it to an owner."""
    return {
        "id": str(run.id),
        "name": run.name,
        "state": run.state,
        "status": WORDS[State(run.state)],
        "organisation": run.organisation.slug if run.organisation else None,
        "queue": run.queue,
        "trigger": run.trigger,
        "requested_by": run.requested_by,
        "schedule": run.schedule.key if run.schedule else None,
        "arguments": run.shown_arguments,
        "result": hidden(run.result),
        **{name: getattr(run, name) for name in ("attempt", "max_attempts", "progress_done", "progress_total", "note")},
        **{name: getattr(run, name) for name in ("examined", "changed", "failed", "worker", "approved_by")},
        **{name: _iso(getattr(run, name)) for name in ("slot", "queued_at", "not_before", "expires_at", "started_at")},
        **{name: _iso(getattr(run, name)) for name in ("heartbeat_at", "deadline_at", "cancel_requested_at")},
        "finished_at": _iso(run.finished_at),
        **{name: _text(getattr(run, f"{name}_id")) for name in ("retry_of", "parent", "undone_by")},
        "error_type": run.error_type,
        "error": run.error,
        "traceback": run.traceback,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
