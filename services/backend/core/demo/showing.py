"""The demonstration in a terminal: what is due and why, the run that does it, what it did, and the way back."""

from collections.abc import Iterator

from core.audit.services import Operator
from core.clock import database_now
from core.demo.declaration import Demo
from core.runs.models import Run
from core.schedules.selectors import next_run_get
from core.schedules.services import schedule_run_now
from core.schedules.terminal import run_ended, run_result, task_by_key
from core.sweep.preview import sweep_preview
from core.sweep.registry import sweep_for
from core.sweep.services.operate import run_undo

OPERATOR = Operator(name="manage.py show_demo")
LINES = 8
WAIT_SECONDS = 60


def shown(demo: Demo) -> Iterator[str]:
    """Yield the lines, those of a step before the next one is taken."""
    task = task_by_key(demo.schedule)
    sweep, now = sweep_for(task.task), database_now()
    assert sweep is not None  # noqa: S101  # a demonstration shows a sweep
    at = next_run_get(task=task, now=now)
    yield from ("", demo.title.upper(), f"Due now, for {demo.schedule}, {f'next at {at:%H:%M} UTC' if at else 'off'}:")
    due = sweep_preview(sweep=sweep, now=now, limit=LINES)
    yield from (f"  {row.what}\n    {row.why}" for row in due.rows)
    yield f"  {due.count} in all." if due.count else "  nothing."
    run = schedule_run_now(task=task, operator=OPERATOR)
    yield from _followed("The run, through the queue", run)
    if sweep.undo and Run.objects.get(id=run.id).changed:
        yield from _followed("And back", run_undo(run=run, operator=OPERATOR))


def _followed(title: str, run: Run) -> Iterator[str]:
    yield f"{title}: {run.name} {run.id}"
    ended = run_ended(run, WAIT_SECONDS)
    result = run_result(ended)
    yield f"  {ended.changed} changed; it answered {result}"
