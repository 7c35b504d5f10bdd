"""What a terminal shows of schedules: one line each, when it runs, when it did, and how it stands to the code."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django_celery_beat.models import PeriodicTask

from core.runs.models import Run
from core.schedules.selectors import next_run_get

ROWS = ("key", "runs", "zone", "next local", "next UTC", "last run", "ended", "enabled", "against the code")


@dataclass(frozen=True)
class Line:
    key: str
    task: str
    words: str
    zone: str
    next_run: datetime | None
    last_run: datetime | None
    last_state: str
    enabled: bool
    standing: str

    def as_json(self) -> dict[str, Any]:
        moments = {name: moment and moment.isoformat() for name, moment in self._moments().items()}
        return asdict(self) | moments

    def cells(self) -> list[str]:
        local = self.next_run and self.next_run.astimezone(ZoneInfo(self.zone))
        return [
            self.key,
            self.words,
            self.zone,
            _shown(local),
            _shown(self.next_run),
            _shown(self.last_run),
            self.last_state or "-",
            "yes" if self.enabled else "no",
            self.standing,
        ]

    def _moments(self) -> dict[str, datetime | None]:
        return {"next_run": self.next_run, "last_run": self.last_run}


def schedule_lines(*, now: datetime) -> list[Line]:
    """Return every schedule, with its newest run, by key."""
    newest = Run.objects.filter(schedule__periodic_task=OuterRef("pk")).order_by("-queued_at")
    tasks = PeriodicTask.objects.select_related("crontab", "interval", "clocked", "solar", "declared").annotate(
        last_run=Subquery(newest.values("queued_at")[:1]), last_state=Subquery(newest.values("state")[:1])
    )
    return [_line(task, now) for task in tasks.order_by("name")]


def laid_out(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the rows as lines, each column as wide as its widest cell."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _line(task: PeriodicTask, now: datetime) -> Line:
    return Line(
        key=task.name,
        task=task.task,
        words=words(task),
        zone=zone(task),
        next_run=next_run_get(task=task, now=now),
        last_run=getattr(task, "last_run", None),
        last_state=getattr(task, "last_state", None) or "",
        enabled=task.enabled,
        standing=standing(task),
    )


def words(task: PeriodicTask) -> str:
    """Say when it runs, without the zone."""
    if task.crontab is None:
        return str(task.scheduler)
    return str(task.crontab.human_readable).removesuffix(f" {task.crontab.timezone}")


def zone(task: PeriodicTask) -> str:
    return str(task.crontab.timezone) if task.crontab else "UTC"


def standing(task: PeriodicTask) -> str:
    declared = getattr(task, "declared", None)
    if declared is not None and declared.off_at:
        return "off with its app"
    if declared is None or not declared.declared:
        return "made by hand"
    if declared.orphaned_at:
        return "orphaned"
    return f"edited: {', '.join(declared.edited)}" if declared.edited else "as declared"


def _shown(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "-"
