"""What the list of runs is narrowed by. None of these looks through the table for its choices."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.clock import database_now
from core.organisations.models import Organisation
from core.runs.enums import UNSUCCESSFUL, WAITING, State
from core.runs.latest import Narrowing
from core.runs.models import Run
from core.runs.registry import task_named

GROUPS: dict[str, tuple[str, Iterable[State]]] = {
    "waiting": ("Waiting", WAITING),
    "running": ("Running", [State.RUNNING]),
    "held": ("Held: waits for a decision", [State.HELD]),
    "unsuccessful": ("Unsuccessful", UNSUCCESSFUL),
    **{state.value: (state.label, [state]) for state in State},
}
TIMES = {
    "hour": ("In the last hour", timedelta(hours=1), None),
    "day": ("In the last day", timedelta(days=1), None),
    "week": ("In the last 7 days", timedelta(days=7), None),
    "older-than-week": ("Longer ago than 7 days", None, timedelta(days=7)),
    "older-than-month": ("Longer ago than 30 days", None, timedelta(days=30)),
}


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, title) for key, (title, _) in GROUPS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        if (value := self.value()) not in GROUPS:
            return queryset
        states = set(GROUPS[value][1])
        is_open = states <= {*WAITING, State.RUNNING, State.HELD}
        return queryset.filter(state__in=states, finished_at__isnull=is_open)


class WindowedFilter(admin.SimpleListFilter):
    """Applied where the window is drawn (`narrowing`), as an index serves it there."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        return queryset


class NameFilter(WindowedFilter):
    title = "task"
    parameter_name = "name"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        task_named("")  # has the tasks' modules imported
        names = {name for name, task in current_app.tasks.items() if getattr(task, "ledger", False)}
        return [(name, name) for name in sorted(names | {self.value() or ""} - {""})]


class OrganisationFilter(WindowedFilter):
    title = "organisation"
    parameter_name = "organisation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(key), name) for key, name in Organisation.objects.values_list("pk", "name")[:200]]


class TimeFilter(WindowedFilter):
    title = "ended, or if open asked for"
    parameter_name = "time"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, title) for key, (title, _, _) in TIMES.items()]


def narrowing(request: HttpRequest) -> Narrowing:
    """Read what the three filters above say; a value that is none of theirs says nothing."""
    organisation = request.GET.get(OrganisationFilter.parameter_name, "")
    _, since, until = TIMES.get(request.GET.get(TimeFilter.parameter_name, ""), ("", None, None))
    now: datetime | None = database_now() if since or until else None
    return Narrowing(
        name=request.GET.get(NameFilter.parameter_name, "").replace("\0", ""),
        organisation_id=int(organisation) if organisation.isdecimal() and len(organisation) < 10 else None,
        since=now - since if now and since else None,
        until=now - until if now and until else None,
    )
