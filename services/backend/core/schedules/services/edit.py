"""An operator's edit of a schedule: checked as a declaration is, kept by every deploy, on record."""

import json
from typing import Any

from django.db import transaction
from django_celery_beat.models import PeriodicTask

from core.audit.services import Operator, audit_write
from core.schedules.errors import JobSpecError, ScheduleRefusedError
from core.schedules.jobs import JobSpec
from core.schedules.models import Schedule
from core.schedules.services.values import TIMING, current, write


@transaction.atomic
def schedule_edit(*, task: PeriodicTask, operator: Operator, **values: Any) -> PeriodicTask:
    """Change what is given: crontab, zone, expire_seconds, kwargs, catch_up, start_grace_seconds. Raise ValueError."""
    PeriodicTask.objects.select_for_update().get(pk=task.pk)
    schedule = Schedule.objects.select_related("periodic_task__crontab").filter(periodic_task=task).first()
    if schedule is None:
        raise ScheduleRefusedError(f"{task.name!r} was made by hand, and beat has not seen it yet: try again shortly.")
    if not values:
        return task
    found = current(schedule)
    wanted = found | _as_stored(found, values)
    _check(task.name, wanted)
    changed = {name: value for name, value in wanted.items() if value != found[name]}
    if changed:
        write(schedule, changed)
        audit_write(operator=operator, verb="schedule.edit", subject=task, key=task.name, fields=sorted(changed))
    return PeriodicTask.objects.get(pk=task.pk)


def _as_stored(found: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    stored = {name: value for name, value in values.items() if name not in ("crontab", "zone", "kwargs")}
    if "kwargs" in values:
        stored["kwargs"] = json.dumps(values["kwargs"])
    if {"crontab", "zone"} & values.keys():
        fields, zone = found[TIMING] if len(found[TIMING] or []) == 2 else ("", "UTC")
        stored[TIMING] = [values.get("crontab", fields), values.get("zone", zone)]
    return stored


def _check(key: str, wanted: dict[str, Any]) -> None:
    """Hold the edit to what a declaration must keep, where it has a crontab or an interval and expires."""
    timing = wanted[TIMING]
    if timing is None or wanted["expire_seconds"] is None:
        return
    when = {"crontab": timing[0], "zone": timing[1]} if len(timing) == 2 else {"every_seconds": timing[0]}
    try:
        JobSpec(key=key, task=wanted["task"], expire_seconds=wanted["expire_seconds"], **when)
    except JobSpecError as error:
        raise ValueError(str(error)) from None
