"""The end of a run: written by the test, or waited for."""

from core.runs.enums import State
from core.runs.models import Run
from tests.waiting import poll


def end(run: Run, state: State = State.SUCCEEDED) -> Run:
    Run.objects.filter(id=run.id).update(state=state, finished_at=run.queued_at)
    return Run.objects.get(id=run.id)


def settled(state: State, **fields: object) -> Run:
    poll(lambda: Run.objects.filter(state=state, **fields).exists(), what=state, seconds=20, every=0.05)
    return Run.objects.get(state=state, **fields)
