"""A run in a person's words: how long, what became of it, and why nothing happens."""

from collections.abc import Callable
from datetime import datetime, timedelta

from core.runs.enums import State
from core.runs.models import Run
from core.runs.registry import task_named, traits

STEPS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def duration(span: timedelta) -> str:
    """Say it in its two largest units: 3 h 5 min; below ten seconds with tenths."""
    seconds = max(0.0, span.total_seconds())
    if seconds < 10:
        return f"{seconds:.1f} s"
    rest = round(seconds)
    words: list[str] = []
    for size, unit in STEPS:
        count, rest = divmod(rest, size)
        if count or words:
            words.append(f"{count} {unit}" if count else "")
    return " ".join(word for word in words[:2] if word)


def waited(run: Run, now: datetime) -> timedelta:
    """Return how long it waited for a worker, counted from when it was due."""
    due = max(run.queued_at, run.not_before) if run.not_before and run.attempt <= 1 else run.queued_at
    return max(timedelta(0), (run.started_at or run.finished_at or now) - due)


def took(run: Run, now: datetime) -> timedelta | None:
    """Return how long its last attempt took, or takes."""
    if run.started_at is None or run.state in (State.QUEUED, State.HELD):
        return None
    return (run.finished_at or (run.heartbeat_at if run.state == State.RETRYING else None) or now) - run.started_at


def story(run: Run, now: datetime) -> str:
    """Say what became of it, and of what waits, what it waits for."""
    return STORIES[State(run.state)](run, now)


def _queued(run: Run, now: datetime) -> str:
    if run.not_before and run.not_before > now:
        return f"Waits until {moment(run.not_before)}: it is not due before."
    if run.published_at is not None:
        since = duration(now - run.published_at)
        return (
            f"Waits for a worker: its message went to the queue {run.queue} {since} ago, and no worker has taken it "
            f"yet. If this stays, look at Heartbeats: a worker must run that takes {run.queue}."
        )
    if task_named(run.name) is None:
        return f"Waits for its app: none that is installed here registers {run.name}. Put it into MODULES, or cancel."
    turns = traits(run.name).per_organisation
    if turns and run.organisation_id:
        return f"Waits for its turn: at most {turns} of {run.name} are sent for one organisation at a time."
    return "Waits to be sent: beat sends it within seconds. If this stays, look at Heartbeats: no beat runs."


def _running(run: Run, now: datetime) -> str:
    since = f"At work since {duration(now - (run.started_at or now))} on {run.worker or 'a worker'}"
    if run.cancel_requested_at:
        asked = duration(now - run.cancel_requested_at)
        return (
            f"{since}. It was asked to stop {asked} ago, and does at its next safe point; terminate it to end it now."
        )
    alive = f"; its last sign of life was {duration(now - run.heartbeat_at)} ago" if run.heartbeat_at else ""
    return f"{since}{alive}."


def _retrying(run: Run, now: datetime) -> str:
    when = moment(run.not_before) if run.not_before else "soon"
    return f"Attempt {run.attempt} of {run.max_attempts} failed; the next is at {when} (policy {run.policy})."


def _held(run: Run, now: datetime) -> str:
    return f"Waits for you: {run.note or 'it would change unusually much'} Approve it, or reject it."


def _succeeded(run: Run, now: datetime) -> str:
    return f"Done: {run.examined} examined, {run.changed} changed." if run.examined else "Done."


def _partial(run: Run, now: datetime) -> str:
    return f"Done but for {run.failed} items: {run.examined} examined, {run.changed} changed. Retry those that failed."


def _failed(run: Run, now: datetime) -> str:
    tries = f" after {run.attempt} attempts" if run.attempt > 1 else ""
    return f"Failed{tries}: the error stands below. Mend its cause, then retry."


def _cancelled(run: Run, now: datetime) -> str:
    return "Cancelled. What it had committed until then stays." if run.started_at else "Cancelled before it started."


def _lost(run: Run, now: datetime) -> str:
    return f"Lost: {run.worker or 'its worker'} fell silent. It may have done part of its work: look before you retry."


def _expired(run: Run, now: datetime) -> str:
    limit = f" by {moment(run.expires_at)}" if run.expires_at else " in time"
    return f"Expired: no worker started it{limit}."


def _skipped(run: Run, now: datetime) -> str:
    return "Skipped: another of its kind was at work, and only one may be."


def _missed(run: Run, now: datetime) -> str:
    slot = f" at {moment(run.slot)}" if run.slot else ""
    return f"Missed: it was due{slot}, and was not sent then. Retry it to do the work now."


STORIES: dict[State, Callable[[Run, datetime], str]] = {
    State.QUEUED: _queued,
    State.RUNNING: _running,
    State.RETRYING: _retrying,
    State.HELD: _held,
    State.SUCCEEDED: _succeeded,
    State.PARTIAL: _partial,
    State.FAILED: _failed,
    State.CANCELLED: _cancelled,
    State.LOST: _lost,
    State.EXPIRED: _expired,
    State.SKIPPED: _skipped,
    State.MISSED: _missed,
}
