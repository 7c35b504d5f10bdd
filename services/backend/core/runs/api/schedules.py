"""Schedules: everybody reads when and how it went; the installation's staff change them."""

from datetime import datetime
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django_celery_beat.models import PeriodicTask
from ninja import Query, Router, Status
from ninja.errors import HttpError

from core.answers import PreviewOut
from core.clock import database_now
from core.refusals import Refusal
from core.runs.api.accepted import FOLLOWED, IdempotencyKey, refuse_other, run_accepted
from core.runs.api.callers import caller_of, staff_of
from core.runs.api.schedule_schemas import ScheduleOut, SchedulePatch, Snooze
from core.runs.api.schemas import RunDetail
from core.runs.enums import Trigger
from core.runs.models import Run
from core.runs.registry import own_name
from core.schedules.models import Schedule
from core.schedules.selectors import next_run_get, schedule_list
from core.schedules.services import schedule_disable, schedule_edit, schedule_enable, schedule_run_now, schedule_snooze
from core.schedules.slots import INSTANT, slots_of
from core.sweep.preview import sweep_preview
from core.sweep.registry import sweep_for

router = Router(tags=["schedules"])


@router.get("/schedules", response=list[ScheduleOut], summary="List the schedules", operation_id="schedule_list")
def schedules(request: HttpRequest) -> list[PeriodicTask]:
    return list(schedule_list())


@router.get("/schedules/{key}", response=ScheduleOut, summary="Read a schedule", operation_id="schedule_get")
def schedule(request: HttpRequest, key: str) -> PeriodicTask:
    return _task(key)


@router.patch("/schedules/{key}", response=ScheduleOut, summary="Change a schedule", operation_id="schedule_edit")
def edit(request: HttpRequest, key: str, data: SchedulePatch) -> PeriodicTask:
    """For staff. What is changed here is kept by every deploy. A crontab is checked as one in the code is."""
    operator, task = staff_of(request).operator, _task(key)
    values = data.model_dump(exclude_unset=True)
    enabled = values.pop("enabled", task.enabled)
    try:
        with transaction.atomic():
            schedule_edit(task=task, operator=operator, **values)
            if enabled != task.enabled:
                (schedule_enable if enabled else schedule_disable)(task=task, operator=operator)
    except ValueError as error:
        raise HttpError(422, str(error)) from None
    return _task(key)


@router.get(
    "/schedules/{key}/next",
    response=list[datetime],
    summary="Say when a schedule is due next, in UTC",
    operation_id="schedule_next",
)
def due(request: HttpRequest, key: str, n: Annotated[int, Query(ge=1, le=100)] = 10) -> list[datetime]:
    task, found = _task(key), list[datetime]()
    moment = next_run_get(task=task, now=database_now())
    while moment is not None and len(found) < n:
        found.append(moment)
        moment = slots_of(task).next(moment)
    return found


@router.get(
    "/schedules/{key}/preview",
    response={200: PreviewOut, 409: Refusal},
    summary="Say what the schedule's next run would change, and why",
    operation_id="schedule_preview",
)
def preview(request: HttpRequest, key: str, limit: Annotated[int, Query(ge=1, le=200)] = 20) -> dict[str, Any]:
    """Of your organisation; for staff who are in none: of all. From the statements that the run is made of."""
    task, now = _task(key), database_now()
    sweep = sweep_for(task.task)
    if sweep is None:
        raise HttpError(409, f"{task.task} does not say what it would change.")
    at = next_run_get(task=task, now=now) or now
    organisation = caller_of(request).organisation
    # The run begins after its slot, and takes what is due at it.
    seen = sweep_preview(sweep=sweep, now=at + INSTANT, organisation=organisation, limit=limit)
    return {"at": at, "count": seen.count, "rows": seen.rows}


@router.post(
    "/schedules/{key}/run-now",
    response={202: RunDetail},
    openapi_extra=FOLLOWED,
    summary="Ask for a run now, beside its slots",
    operation_id="schedule_run_now",
)
def run_now(
    request: HttpRequest, response: HttpResponse, key: str, idempotency_key: IdempotencyKey = None
) -> Status[Run]:
    """For staff."""
    operator, task = staff_of(request).operator, _task(key)
    run = schedule_run_now(task=task, operator=operator, trigger=Trigger.API, idempotency_key=idempotency_key)
    schedule = Schedule.objects.filter(periodic_task=task).first()
    wanted = {"name": own_name(task.task), "schedule_id": schedule and schedule.pk, "trigger": Trigger.API}
    refuse_other(run, **wanted, retry_of_id=None)
    return run_accepted(response, run)


@router.post("/schedules/{key}/pause", response=ScheduleOut, summary="Switch off", operation_id="schedule_pause")
def pause(request: HttpRequest, key: str) -> PeriodicTask:
    """For staff. It stays off over deploys; what it asked for already goes on."""
    schedule_disable(operator=staff_of(request).operator, task=_task(key))
    return _task(key)


@router.post("/schedules/{key}/resume", response=ScheduleOut, summary="Switch on", operation_id="schedule_resume")
def resume(request: HttpRequest, key: str) -> PeriodicTask:
    """For staff. It is due from its next slot on: what came due while it was off is not made up for."""
    schedule_enable(operator=staff_of(request).operator, task=_task(key))
    return _task(key)


@router.post(
    "/schedules/{key}/snooze",
    response=ScheduleOut,
    summary="Leave slots out for now",
    operation_id="schedule_snooze",
)
def snooze(request: HttpRequest, key: str, data: Snooze) -> PeriodicTask:
    """For staff. Slots until then are neither run nor missed; then it wakes. null, or a time gone by: it wakes now."""
    schedule_snooze(operator=staff_of(request).operator, task=_task(key), until=data.until)
    return _task(key)


def _task(key: str) -> PeriodicTask:
    # PostgreSQL refuses a NUL in a text, even to compare it.
    task = None if "\x00" in key else schedule_list().filter(name=key).first()
    if task is None:
        raise HttpError(404, f"There is no schedule {key!r}.")
    return task
