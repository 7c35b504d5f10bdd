"""What an operator may do to a schedule: enable, disable, run now. Each leaves a row in the audit."""

import json
from datetime import datetime

from django.db import transaction
from django_celery_beat.models import PeriodicTask

from core.audit.services import Operator, audit_write
from core.clock import database_now
from core.runs.enums import Trigger
from core.runs.models import Run
from core.runs.services.request import Request, run_request_once
from core.schedules.errors import ScheduleRefusedError
from core.schedules.models import Schedule


@transaction.atomic
def schedule_enable(*, task: PeriodicTask, operator: Operator) -> PeriodicTask:
    """Let it fire from its next slot on: what came due while it was off is not made up for."""
    _refuse_off(task)
    if Schedule.objects.filter(periodic_task=task, orphaned_at__isnull=False).exists():
        raise ScheduleRefusedError(
            f"The code declares {task.name!r} no more, so it stays off: `sync_schedules --prune` deletes it."
        )
    return _switch(task, operator, enabled=True)


@transaction.atomic
def schedule_disable(*, task: PeriodicTask, operator: Operator) -> PeriodicTask:
    """Stop it from firing, also over deploys; what it asked for already goes on."""
    return _switch(task, operator, enabled=False)


@transaction.atomic
def schedule_snooze(*, task: PeriodicTask, operator: Operator, until: datetime | None) -> None:
    """Leave its slots out until then; None, or a time gone by, wakes it.

    What came due meanwhile is not made up for, and not missed.
    """
    schedule = Schedule.objects.select_for_update().filter(periodic_task=task).first()
    if schedule is None:
        raise ScheduleRefusedError(f"{task.name!r} was made by hand, and beat has not seen it yet: try again shortly.")
    now = database_now()
    if until is None or until < now:
        # Not empty, where it slept: what came due until now would count as missed.
        until = schedule.snoozed_until and min(now, schedule.snoozed_until)
    if schedule.snoozed_until != until:
        schedule.snoozed_until = until
        schedule.save(update_fields=["snoozed_until"])
        audit_write(operator=operator, verb="schedule.snooze", subject=task, key=task.name, until=until and str(until))


@transaction.atomic
def schedule_run_now(
    *,
    task: PeriodicTask,
    operator: Operator,
    trigger: Trigger = Trigger.COMMAND,
    idempotency_key: str | None = None,
) -> Run:
    """Ask for a run beside its slots, with its arguments and in its queue, whether it is enabled or not.

    A key that was used before answers with the run that it asked for, whatever that is.
    """
    _refuse_off(task)
    run, is_new = run_request_once(
        Request(
            name=task.task,
            args=json.loads(task.args),
            kwargs=json.loads(task.kwargs),
            queue=task.queue,
            trigger=trigger,
            requested_by=operator.name,
            schedule=Schedule.objects.filter(periodic_task=task).first(),
            idempotency_key=idempotency_key,
        )
    )
    if is_new:
        audit_write(operator=operator, verb="schedule.run-now", subject=task, key=task.name, run=str(run.id))
    return run


def _refuse_off(task: PeriodicTask) -> None:
    if Schedule.objects.filter(periodic_task=task, off_at__isnull=False).exists():
        raise ScheduleRefusedError(
            f"The app of {task.name!r} is off: put it into MODULES, and the next deploy brings the schedule back."
        )


def _switch(task: PeriodicTask, operator: Operator, *, enabled: bool) -> PeriodicTask:
    task = PeriodicTask.objects.select_for_update().get(pk=task.pk)
    if task.enabled != enabled:
        task.enabled = enabled
        task.save()
        audit_write(
            operator=operator, verb=f"schedule.{'enable' if enabled else 'disable'}", subject=task, key=task.name
        )
    return task
