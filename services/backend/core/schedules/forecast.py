"""What a run would change at a time to come: asked of the sweep that its task is made of."""

from dataclasses import dataclass, field
from datetime import datetime

from core.sweep.preview import due_count
from core.sweep.registry import sweep_for


@dataclass
class Forecast:
    """Asked slot by slot, in order: what an earlier run of the task takes, a later one does not find."""

    taken: dict[str, int] = field(default_factory=dict)

    def changes(self, task: str, at: datetime) -> int | None:
        """Return how many rows, as they stand now, that run would change; None: its task is no sweep."""
        sweep = sweep_for(task)
        if sweep is None:
            return None
        due, before = due_count(due=sweep.due, now=at), self.taken.get(task, 0)
        self.taken[task] = max(due, before)
        return max(due - before, 0)
