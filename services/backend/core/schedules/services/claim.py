"""Put the slots that have come on record, each exactly once, whichever beat is first."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import F
from django_celery_beat.models import PeriodicTask, PeriodicTasks

from core.clock import database_now
from core.runs.enums import State, Trigger
from core.runs.models import Run
from core.runs.registry import own_name, queue_for, traits
from core.runs.services.request import Request, run_request_once, unrecorded_publish
from core.schedules.enums import CatchUp
from core.schedules.models import Schedule
from core.schedules.slots import INSTANT, MOST, Clocked, Slots, slots_of

logger = logging.getLogger("deskbeat.schedules")

KINDS = ("crontab", "interval", "clocked", "solar")
# Beat looks at the schedules every 5 s: an edit that left no date was made since the look before.
NOTICED = timedelta(seconds=10)
# Beats' transactions begin milliseconds apart; what lies further ahead was written before the clock was put back.
AHEAD = timedelta(minutes=1)
# One transaction holds no more runs than this: each is published after it, and a broker may be slow to refuse.
CAUGHT_UP_AT_ONCE = 20
COUNTED = 1_000_000
FROZEN_SECONDS = 60


@dataclass(frozen=True)
class Claim:
    """The runs that this beat put on record, and when to look at the schedule again (None: no slot will come)."""

    runs: int
    next_at: datetime | None


@dataclass(frozen=True)
class Due:
    """Slots that have come, oldest first: those missed, and the one that is claimed in time."""

    missed: list[datetime]
    in_time: list[datetime]


@transaction.atomic
def slots_claim(*, task_id: int) -> Claim | None:
    """Deal with every slot of the task that has come since the last look, and return what this beat did of it.

    None: another beat is at it this moment, or it is switched off. The lock on the schedule makes beats take turns;
    the unique (schedule, slot) holds whatever happens. The messages leave after the commit.
    """
    schedule = _locked(task_id)
    if schedule is None:
        return None
    task, now = schedule.periodic_task, database_now()
    slots = slots_of(task)
    due, until = _due(schedule, slots, _floor(schedule, slots, now), now)
    runs = _record(schedule, task, due, now) if traits(task.task).ledger else _send(schedule, task, due)
    schedule.times, schedule.handled_until = str(slots), until
    schedule.save(update_fields=["times", "handled_until"])
    return Claim(runs, _next_at(task, slots, until) if _note(task, runs, now) else None)


def _locked(task_id: int) -> Schedule | None:
    with connection.cursor() as cursor:
        # A beat that is stopped in the middle (a frozen host) must not keep the schedule from the others.
        cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{FROZEN_SECONDS}s'")
    related = [f"periodic_task__{kind}" for kind in KINDS]
    rows = Schedule.objects.select_for_update(skip_locked=True, no_key=True, of=("self",)).select_related(*related)
    return rows.filter(periodic_task=task_id, periodic_task__enabled=True).first()


def _floor(schedule: Schedule, slots: Slots, now: datetime) -> datetime:
    """Return the time until which no slot is owed any more."""
    task, handled = schedule.periodic_task, schedule.handled_until
    if handled is not None and schedule.times == str(slots):
        floor = handled if handled < now + AHEAD else now
    elif isinstance(slots.rule, Clocked):
        # Its one slot is owed though it was written down too late, unless it was sent before slots were on record.
        floor = max(slots.rule.at - INSTANT, task.last_run_at or slots.rule.at - INSTANT)
    elif handled is None:
        floor = max(task.date_changed, task.last_run_at or task.date_changed)
    else:
        # Switched on, or given other times: from then on. A bulk update leaves no date.
        floor = task.date_changed if task.date_changed > handled else now - NOTICED
    return min(max(floor, schedule.snoozed_until or floor), now)


def _due(schedule: Schedule, slots: Slots, floor: datetime, now: datetime) -> tuple[Due, datetime]:
    """Return the slots to deal with in this transaction, and until when that covers all."""
    found = slots.between(floor, now)
    if len(found) == MOST:
        _warn_of_rest(schedule, slots.count(floor, now, COUNTED) - MOST)
    if schedule.periodic_task.one_off:
        found = found[-1:]
    grace = timedelta(seconds=schedule.start_grace_seconds)
    in_time = [slot for slot in found[-1:] if now - slot <= grace]
    missed = found[: len(found) - len(in_time)]
    if schedule.catch_up == CatchUp.ALL and len(missed) > CAUGHT_UP_AT_ONCE:
        missed = missed[:CAUGHT_UP_AT_ONCE]
        return Due(missed, []), missed[-1]
    return Due(missed, in_time), max(floor, now)


def _warn_of_rest(schedule: Schedule, rest: int) -> None:
    if rest > 0:
        more = "more than " if rest >= COUNTED - MOST else ""
        logger.warning(
            "%s: no beat ran for long; its newest %s slots are on record as missed or caught up, %s%s older ones are"
            " left out",
            schedule.key,
            f"{MOST:,}",
            more,
            f"{rest:,}",
        )


def _record(schedule: Schedule, task: PeriodicTask, due: Due, now: datetime) -> int:
    """Write a row for each slot, oldest first, and return how many of them are to run."""
    caught_up = {CatchUp.SKIP: [], CatchUp.ONCE: due.missed[-1:], CatchUp.ALL: due.missed}[CatchUp(schedule.catch_up)]
    _miss(schedule, task, [slot for slot in due.missed if slot not in caught_up], now)
    runs = sum(_run(schedule, task, slot, Trigger.CATCH_UP, now) for slot in caught_up)
    return runs + sum(_run(schedule, task, slot, Trigger.SCHEDULE, now) for slot in due.in_time)


def _send(schedule: Schedule, task: PeriodicTask, due: Due) -> int:
    """Send a task that opted out of the ledger, once for all slots that have come; `handled_until` is their claim."""
    if not due.missed and not due.in_time:
        return 0
    request = Run(id=uuid4(), name=task.task, queue=queue_for(task.task, task.queue), options=_options(task))
    request.args, request.kwargs = json.loads(task.args), json.loads(task.kwargs)
    transaction.on_commit(lambda: _tell(schedule, task))
    transaction.on_commit(partial(unrecorded_publish, request), robust=True)
    return 1


def _tell(schedule: Schedule, task: PeriodicTask) -> None:
    """Say it in the words that people and log monitors know from Celery; only the beat whose claim it is says them."""
    logger.info("Scheduler: Sending due task %s (%s)", schedule.key, task.task)


def _miss(schedule: Schedule, task: PeriodicTask, slots: list[datetime], now: datetime) -> None:
    rows = [
        Run(
            id=uuid4(),
            name=own_name(task.task),
            queue=queue_for(task.task, task.queue),
            trigger=Trigger.SCHEDULE,
            requested_by=schedule.key,
            schedule=schedule,
            slot=slot,
            state=State.MISSED,
            args=json.loads(task.args),
            kwargs=json.loads(task.kwargs),
            note="No beat ran in time.",
            queued_at=now,
            finished_at=now,
        )
        for slot in slots
    ]
    Run.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        logger.warning("%s: missed %s slots, the newest of %s", schedule.key, len(rows), slots[-1].isoformat())


def _run(schedule: Schedule, task: PeriodicTask, slot: datetime, trigger: Trigger, now: datetime) -> bool:
    """Ask for the slot's run, and tell whether it is new."""
    request = Request(
        name=task.task,
        args=json.loads(task.args),
        kwargs=json.loads(task.kwargs),
        queue=task.queue,
        trigger=trigger,
        requested_by=schedule.key,
        schedule=schedule,
        slot=slot,
        expires_at=now + timedelta(seconds=task.expire_seconds) if task.expire_seconds else None,
        options=_options(task),
    )
    _, is_new = run_request_once(request)
    if is_new:
        transaction.on_commit(lambda: _tell(schedule, task))
    return is_new


def _options(task: PeriodicTask) -> dict[str, Any]:
    headers = {**json.loads(task.headers), "periodic_task_name": task.name, "celery_beat_task": True}
    given = {name: getattr(task, name) for name in ("exchange", "routing_key", "priority")}
    return {"headers": headers} | {name: value for name, value in given.items() if value not in (None, "")}


def _note(task: PeriodicTask, runs: int, now: datetime) -> bool:
    """Count the runs on django-celery-beat's row, switch off what has had its last one, and tell if it goes on."""
    row = PeriodicTask.objects.filter(pk=task.pk)
    if runs:
        # QuerySet.update sends no signal, so that other beats are not told to read everything anew at every slot.
        row.update(last_run_at=now, total_run_count=F("total_run_count") + runs)
    if (task.one_off and runs) or (task.expires is not None and now >= task.expires):
        row.update(enabled=False)
        PeriodicTasks.update_changed()
        return False
    return True


def _next_at(task: PeriodicTask, slots: Slots, after: datetime) -> datetime | None:
    return slots.next(after) or task.expires
