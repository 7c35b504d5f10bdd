"""The fields of a run as its admin pages show them."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.runs import telling
from core.runs.arguments import ArgumentEncoder, hidden
from core.runs.enums import State
from core.runs.models import Run

COLOURS: dict[State, str] = {
    State.QUEUED: "info",
    State.RUNNING: "primary",
    State.RETRYING: "warning",
    State.HELD: "warning",
    State.SUCCEEDED: "success",
    State.PARTIAL: "warning",
    State.FAILED: "danger",
    State.LOST: "danger",
    State.EXPIRED: "danger",
    State.MISSED: "danger",
}
RELATIVES_SHOWN = 20


def _now(run: Run) -> datetime:
    now: datetime = getattr(run, "now")  # noqa: B009  # an annotation, no field of the model
    return now


def _time(at: datetime | None) -> str | None:
    return telling.moment(at) if at else None


def preformatted(text: str) -> SafeString:
    """Keep its lines; what is longer than the page scrolls within its own box."""
    return format_html('<pre tabindex="0" style="overflow-x:auto;max-width:100%;white-space:pre-wrap">{}</pre>', text)


def as_json(value: Any) -> SafeString:
    return preformatted(json.dumps(value, cls=ArgumentEncoder, indent=2, ensure_ascii=False))


def run_link(run: Run) -> SafeString:
    link = reverse("admin:runs_run_change", args=[run.pk])
    return format_html('<a class="text-link underline" href="{}">{} {}</a>', link, run.name, run.state)


class RunFields:
    """Mixed into the admin of runs."""

    @admin.display(description="schedule and slot", empty_value="-")
    def place(self, run: Run) -> SafeString | str | None:
        if run.schedule is None:
            return _time(run.slot)
        link = reverse("admin:django_celery_beat_periodictask_change", args=[run.schedule.periodic_task_id])
        name = format_html('<a class="text-link underline" href="{}">{}</a>', link, run.schedule.key)
        return format_html("{} {}", name, _time(run.slot) or "")

    @admin.display(description="why")
    def why(self, run: Run) -> SafeString | str:
        return self.place(run) or run.get_trigger_display()

    @admin.display(description="asked for at")
    def queued(self, run: Run) -> str | None:
        return _time(run.queued_at)

    @admin.display(description="not before", empty_value="-")
    def due(self, run: Run) -> str | None:
        return _time(run.not_before)

    @admin.display(description="started", empty_value="-")
    def started(self, run: Run) -> str | None:
        return _time(run.started_at)

    @admin.display(description="last sign of life", empty_value="-")
    def beat(self, run: Run) -> str | None:
        return _time(run.heartbeat_at)

    @admin.display(description="must end by", empty_value="-")
    def limit(self, run: Run) -> str | None:
        return _time(run.deadline_at)

    @admin.display(description="ended", empty_value="-")
    def finished(self, run: Run) -> str | None:
        return _time(run.finished_at)

    @admin.display(description="waited")
    def waited(self, run: Run) -> str:
        return telling.duration(telling.waited(run, _now(run)))

    @admin.display(description="took", empty_value="-")
    def took(self, run: Run) -> str | None:
        span = telling.took(run, _now(run))
        return telling.duration(span) if span is not None else None

    @admin.display(description="attempt")
    def tries(self, run: Run) -> str:
        return f"{run.attempt} of {run.max_attempts}"

    @admin.display(description="rows", empty_value="-")
    def counts(self, run: Run) -> str | None:
        if not (run.examined or run.changed or run.failed):
            return None
        return f"{run.examined} examined, {run.changed} changed, {run.failed} failed"

    @admin.display(description="progress", empty_value="-")
    def progress(self, run: Run) -> str | None:
        if run.progress_done is None:
            return None
        return f"{run.progress_done} of {run.progress_total}" if run.progress_total else str(run.progress_done)

    @admin.display(description="error", empty_value="-")
    def error_said(self, run: Run) -> str | None:
        return f"{run.error_type.rpartition('.')[2]}: {run.error}" if run.error_type else run.error or None

    @admin.display(description="arguments", empty_value="-")
    def arguments(self, run: Run) -> SafeString | None:
        return as_json(run.shown_arguments) if run.args or run.kwargs else None

    @admin.display(description="result", empty_value="-")
    def outcome(self, run: Run) -> SafeString | None:
        return as_json(hidden(run.result)) if run.result is not None else None

    @admin.display(description="traceback", empty_value="-")
    def trace(self, run: Run) -> SafeString | None:
        return preformatted(run.traceback) if run.traceback else None


def relatives(run: Run) -> list[tuple[str, SafeString]]:
    """Return links to what led to it and what followed from it, each with its word."""
    named = [
        ("asked for by", [run.parent]),
        ("asks for", run.children.all()[:RELATIVES_SHOWN]),
        ("retries", [run.retry_of]),
        ("retried by", run.retries.all()[:RELATIVES_SHOWN]),
        ("undone by", [run.undone_by]),
        ("undoes", run.undoes.all()[:RELATIVES_SHOWN]),
    ]
    return [(word, run_link(other)) for word, others in named for other in _there(others)]


def _there(runs: Iterable[Run | None]) -> list[Run]:
    return [run for run in runs if run is not None]
