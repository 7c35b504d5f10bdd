"""Schedules: sent in time, no slot missed, none left behind by the code."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef
from django.db.models.functions import Coalesce, Now

from core.health.due import late_schedules
from core.health.findings import Finding, Group, Level, clock, counted, runbook
from core.runs.enums import State
from core.runs.models import Run
from core.schedules.models import Schedule

LOOK_BACK = timedelta(days=1)


def look(now: datetime) -> Iterator[Finding]:
    yield from _late(now)
    yield from _missed(now)
    yield from _orphaned()


def _late(now: datetime) -> Iterator[Finding]:
    for late in late_schedules(now):
        sentence = f"Schedule {late.name} was due at {clock(late.due_at)} and no beat has sent {late.task}."
        yield Finding(Level.ERROR, Group.SCHEDULES, late.name, sentence, runbook("schedule-late"), late.due_at)


def _missed(now: datetime) -> Iterator[Finding]:
    """Name what was missed and not made up for: a later run of the schedule that went well ends it."""
    missed = Run.objects.filter(finished_at__gt=now - LOOK_BACK, state=State.MISSED, schedule__isnull=False)
    missed = missed.filter(schedule__off_at__isnull=True)
    well = Run.objects.filter(
        finished_at__gt=now - LOOK_BACK, schedule=OuterRef("schedule"), state=State.SUCCEEDED, slot__gt=OuterRef("slot")
    )
    rows = missed.exclude(Exists(well)).order_by().values("schedule__key")
    for row in rows.annotate(slots=Count("id"), first=Min("slot")):
        sentence = (
            f"Schedule {row['schedule__key']} missed {counted(row['slots'], 'slot')} since {clock(row['first'])},"
            " and has not run since."
        )
        subject = row["schedule__key"]
        yield Finding(Level.WARNING, Group.SCHEDULES, subject, sentence, runbook("slot-missed"), row["first"])


def _orphaned() -> Iterator[Finding]:
    orphaned = Schedule.objects.filter(orphaned_at__isnull=False)
    for key, since in orphaned.annotate(since=Coalesce("orphaned_at", Now())).values_list("key", "since"):
        sentence = f"Schedule {key} is declared by no code since {clock(since)}: it is disabled, and kept."
        yield Finding(Level.WARNING, Group.SCHEDULES, key, sentence, runbook("schedule-orphaned"), since)
