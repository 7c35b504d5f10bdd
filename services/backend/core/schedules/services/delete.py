"""Before a schedule is deleted, by whatever door: wait for the beat that is at it."""

from typing import Any

from core.schedules.models import Schedule


def schedule_hold(*, instance: Schedule, **_: Any) -> None:
    """Lock it, as a claim does: a slot claimed meanwhile would leave a run of a schedule that is not there any more.

    Django sends this inside the transaction that deletes, before it parts the runs from their schedule.
    """
    Schedule.objects.select_for_update(of=("self",)).filter(pk=instance.pk).first()
