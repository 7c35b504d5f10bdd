"""Runs against what their schedule says is plausible: too long, too quick, too little."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from core.health.findings import Finding, Group, Level, clock, runbook
from core.runs.enums import State
from core.runs.models import Run
from core.schedules.models import Schedule

LOOK_BACK = timedelta(days=1)


def look(now: datetime) -> Iterator[Finding]:
    yield from _overlong(now)
    yield from _too_little(now)


def _overlong(now: datetime) -> Iterator[Finding]:
    """Late start and long run are two things: the limit counts from the start."""
    at_work = Run.objects.filter(
        finished_at__isnull=True, state=State.RUNNING, schedule__run_limit_seconds__isnull=False
    )
    for run in at_work.select_related("schedule").order_by("queued_at")[:20]:
        limit = timedelta(seconds=(run.schedule and run.schedule.run_limit_seconds) or 0)
        if run.started_at and now - run.started_at > limit:
            sentence = (
                f"Run {run.id} of {run.name} has been at work on {run.worker} since {clock(run.started_at)};"
                f" its schedule allows {limit.total_seconds():.0f} s."
            )
            yield Finding(Level.WARNING, Group.RUNS, run.name, sentence, runbook("run-overlong"), run.started_at)


def _too_little(now: datetime) -> Iterator[Finding]:
    """Judge the last good run of each schedule that says what is plausible."""
    limited = Schedule.objects.exclude(min_seconds=None, min_changed=None).filter(periodic_task__enabled=True)
    for schedule in limited:
        runs = schedule.runs.filter(state=State.SUCCEEDED, finished_at__gt=now - LOOK_BACK)
        last = runs.order_by("-finished_at").first()
        if last and (why := _how_little(last, schedule)):
            sentence = f"Run {last.id} of schedule {schedule.key} succeeded, but {why}."
            remedy = runbook("run-does-too-little")
            yield Finding(Level.WARNING, Group.RUNS, schedule.key, sentence, remedy, last.finished_at)


def _how_little(run: Run, schedule: Schedule) -> str:
    took = ((run.finished_at or run.queued_at) - (run.started_at or run.queued_at)).total_seconds()
    if schedule.min_seconds is not None and took < schedule.min_seconds:
        return f"took {took:.1f} s, where {schedule.min_seconds:g} s is the least that is plausible"
    if schedule.min_changed is not None and run.changed < schedule.min_changed:
        return f"changed {run.changed}, where {schedule.min_changed} is the least that is expected"
    return ""
