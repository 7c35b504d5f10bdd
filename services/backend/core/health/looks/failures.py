"""Runs: what failed and was not done since, what waits for a person, what does not end.

Newer success ends older failure: a task that failed at two and succeeded at three needs nobody.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min

from core.health.findings import Finding, Group, Level, clock, counted, runbook
from core.runs.enums import WAITING, State
from core.runs.models import Run
from core.runs.registry import task_names

LOOK_BACK = timedelta(days=1)
# A task that was asked to end looks every second, if it has safe points at all.
DEAF_AFTER = timedelta(minutes=2)
LEVELS = {
    State.FAILED: Level.ERROR,
    State.LOST: Level.ERROR,
    State.EXPIRED: Level.WARNING,
    State.PARTIAL: Level.WARNING,
}
DEAF_FIELDS = ("id", "name", "worker", "cancel_requested_at")
WORDS = {
    State.FAILED: ("failed", runbook("run-failed")),
    State.LOST: ("was lost with its worker", runbook("run-lost")),
    State.EXPIRED: ("was not started in time", runbook("run-expired")),
    State.PARTIAL: ("failed for some of its items", runbook("run-failed")),
}


def look(now: datetime) -> Iterator[Finding]:
    yield from _without_app(now)
    yield from _unsuccessful(now)
    yield from _held()
    yield from _deaf(now)


def _without_app(now: datetime) -> Iterator[Finding]:
    """Name what beat does not send, as nobody would start it."""
    unsent = Run.objects.filter(finished_at__isnull=True, state__in=WAITING, published_at__isnull=True)
    rows = unsent.exclude(name__in=task_names()).exclude(not_before__gt=now).order_by().values("name")
    for row in rows.annotate(runs=Count("id"), first=Min("queued_at")):
        sentence = (
            f"{counted(row['runs'], 'run')} of {row['name']} since {clock(row['first'])}: no app that is installed here"
            " registers it. Put its app into MODULES, or cancel them."
        )
        yield Finding(Level.WARNING, Group.RUNS, row["name"], sentence, runbook("task-unknown"), row["first"])


def _unsuccessful(now: datetime) -> Iterator[Finding]:
    lately = Run.objects.filter(finished_at__gt=now - LOOK_BACK).order_by()
    bad = lately.filter(state__in=LEVELS).values("name", "state")
    rows = list(bad.annotate(first=Min("finished_at"), last=Max("finished_at"), runs=Count("id")))
    well = lately.filter(state=State.SUCCEEDED, name__in={row["name"] for row in rows}).values_list("name")
    succeeded = dict(well.annotate(last=Max("finished_at")))
    for row in rows:
        if row["name"] not in succeeded or succeeded[row["name"]] < row["last"]:
            yield _failure(row["name"], State(row["state"]), _since(row, succeeded))


def _since(row: Mapping[str, Any], succeeded: Mapping[str, datetime | None]) -> datetime:
    """Return when it last went wrong; the first time, if it never went well meanwhile."""
    since: datetime = row["last"] if row["name"] in succeeded else row["first"]
    return since


def _failure(name: str, state: State, since: datetime) -> Finding:
    verb, remedy = WORDS[state]
    runs = Run.objects.filter(name=name, state=state, finished_at__gte=since)
    last = runs.order_by("-finished_at").values_list("error_type", "error", "id").first() or ("", "", "")
    cause = (last[1].strip().splitlines() or [last[0]])[0]
    often = f" {runs.count()} times" if runs.count() > 1 else ""
    why = f": {cause[:200]}" if cause else ""
    sentence = f"{name} {verb}{often} since {clock(since)}, and has not succeeded after it{why} (last: run {last[2]})."
    return Finding(LEVELS[state], Group.RUNS, name, sentence, remedy, since)


def _held() -> Iterator[Finding]:
    held = Run.objects.filter(finished_at__isnull=True, state=State.HELD).order_by()
    for row in held.values("name").annotate(runs=Count("id"), first=Min("queued_at")):
        sentence = (
            f"{counted(row['runs'], 'run')} of {row['name']} held since {clock(row['first'])}: it would change"
            " unusually much, and waits for somebody to approve or reject it."
        )
        yield Finding(Level.WARNING, Group.RUNS, row["name"], sentence, runbook("run-held"), row["first"])


def _deaf(now: datetime) -> Iterator[Finding]:
    asked = Run.objects.filter(finished_at__isnull=True, state=State.RUNNING, cancel_requested_at__lt=now - DEAF_AFTER)
    for run_id, name, worker, since in asked.order_by("queued_at").values_list(*DEAF_FIELDS)[:20]:
        sentence = f"Run {run_id} of {name} was asked to end at {clock(since)} and is still at work on {worker}."
        yield Finding(Level.WARNING, Group.RUNS, name, sentence, runbook("run-overlong"), since)
