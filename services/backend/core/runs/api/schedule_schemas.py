"""What goes in and out of the schedules' door."""

import json
from datetime import datetime
from typing import Annotated, Any

from django_celery_beat.models import PeriodicTask
from ninja import Field, Schema
from pydantic import AfterValidator, JsonValue, StringConstraints

from core.clock import database_now
from core.inputs import Flag, In, Moment, Number, Storable
from core.runs.api.callers import caller_of
from core.runs.arguments import hidden
from core.runs.enums import State
from core.schedules.enums import CatchUp
from core.schedules.selectors import next_run_get

# What a column of the database can hold.
Seconds = Annotated[int, Field(ge=1, le=2**31 - 1), Number]
Fields = Annotated[str, StringConstraints(min_length=9, max_length=200), Storable()]


def _storable(value: Any) -> Any:
    """Refuse what is JSON to Python and none to PostgreSQL: infinite numbers, NUL, half a character."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    text.encode()
    if r"\u0000" in text:
        raise ValueError("the NUL character cannot be stored")
    return value


class ScheduleOut(Schema):
    key: str = Field(alias="name", examples=["archive-old-done-tickets"])
    task: str = Field(examples=["tickets.tasks.archive_old_done_tickets"])
    description: str
    enabled: bool
    words: str = Field(description="When, for people")
    next_run: datetime | None = Field(description="null: switched off, or never again")
    last_slot: datetime | None = Field(description="The newest slot on record")
    last_state: State | None = Field(description="What became of the run of that slot")
    catch_up: CatchUp | None
    start_grace_seconds: int | None = Field(description="A slot that is claimed later than this was missed")
    expire_seconds: int | None = Field(description="A run that was not started by then is not started")
    snoozed_until: datetime | None
    edited: list[str] = Field(description="What an operator changed: a deploy keeps it")
    orphaned_at: datetime | None = Field(description="Since when the code declares it no more")
    off_at: datetime | None = Field(description="Since when its app is off")
    kwargs: Any = Field(description="For staff; secrets are hidden")

    @staticmethod
    def resolve_words(task: PeriodicTask) -> str:
        return str(task.crontab.human_readable if task.crontab else task.scheduler)

    @staticmethod
    def resolve_next_run(task: PeriodicTask) -> datetime | None:
        return next_run_get(task=task, now=database_now())

    @staticmethod
    def resolve_kwargs(task: PeriodicTask, context: Any) -> Any:
        return hidden(json.loads(task.kwargs)) if caller_of(context["request"]).is_staff else None

    @staticmethod
    def resolve_catch_up(task: PeriodicTask) -> Any:
        return _of_schedule(task, "catch_up")

    @staticmethod
    def resolve_start_grace_seconds(task: PeriodicTask) -> Any:
        return _of_schedule(task, "start_grace_seconds")

    @staticmethod
    def resolve_snoozed_until(task: PeriodicTask) -> Any:
        return _of_schedule(task, "snoozed_until")

    @staticmethod
    def resolve_edited(task: PeriodicTask) -> Any:
        return _of_schedule(task, "edited") or []

    @staticmethod
    def resolve_orphaned_at(task: PeriodicTask) -> Any:
        return _of_schedule(task, "orphaned_at")

    @staticmethod
    def resolve_off_at(task: PeriodicTask) -> Any:
        return _of_schedule(task, "off_at")


class SchedulePatch(In):
    enabled: Flag = True
    crontab: Fields = Field("", description="Minute, hour, day of month, month, day of week", examples=["5 * * * *"])
    zone: Annotated[str, StringConstraints(min_length=1, max_length=63), Storable()] = Field(
        "UTC", description="In which the crontab is read", examples=["Europe/London"]
    )
    expire_seconds: Seconds = Field(1, description="Below the interval")
    kwargs: Annotated[dict[str, JsonValue], AfterValidator(_storable)] = Field({}, description="The task's arguments")
    catch_up: CatchUp = CatchUp.ONCE
    start_grace_seconds: Annotated[int, Field(ge=0, le=2**31 - 1), Number] = 300


class Snooze(In):
    until: Moment | None = Field(description="null: wake it", examples=["2026-12-27T06:00:00Z"])


def _of_schedule(task: PeriodicTask, name: str) -> Any:
    return getattr(getattr(task, "declared", None), name, None)
