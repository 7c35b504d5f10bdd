"""Which task works for which sweep: the task's decorator says it."""

from core.runs.registry import task_named
from core.sweep.declaration import Sweep


def sweep_for(task_name: str) -> Sweep | None:
    """Return the sweep that the task of this name runs, or None."""
    sweep: Sweep | None = getattr(task_named(task_name), "sweep", None)
    return sweep
