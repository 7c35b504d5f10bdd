"""What the overview says of runs: which wait for a decision, and which failed in the last day."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from core.overview.cards import COUNTED, Card, CardSource, Line, counted
from core.runs.enums import UNSUCCESSFUL, State
from core.runs.latest import Narrowing, window_ended, window_open
from core.runs.models import Run
from core.runs.telling import moment

LINES = 5
SHOWN = ("id", "name", "state", "note", "error", "finished_at", "queued_at")


def held(now: datetime) -> Card:
    runs = _found(window_open(Narrowing()) & Q(state=State.HELD), "queued_at")
    lines = [Line(run.name, _page(run), run.note) for run in runs[:LINES]]
    words = (
        "These would change unusually much: look at what they announce, then approve or reject them."
        if runs
        else "Nothing waits for you. A run that would change unusually much stops here first."
    )
    return Card("Waits for a decision", counted(runs), words, _list(group="held"), "warning" if runs else "", lines)


def failed(now: datetime) -> Card:
    recent = window_ended(Narrowing()) & Q(finished_at__gte=now - timedelta(days=1), state__in=UNSUCCESSFUL)
    runs = _found(recent, "-finished_at")
    lines = [Line(f"{run.name} {run.state}", _page(run), _what(run)) for run in runs[:LINES]]
    words = (
        "The latest first; each can be tried again on its page." if runs else "Nothing failed, and no slot was missed."
    )
    where = _list(group="unsuccessful", time="day")
    return Card("Failed in the last day", counted(runs), words, where, "danger" if runs else "success", lines)


def _found(condition: Q, order: str) -> list[Run]:
    return list(Run.objects.filter(condition).only(*SHOWN).order_by(order)[: COUNTED + 1])


def _what(run: Run) -> str:
    return f"{moment(run.finished_at or run.queued_at)} {run.error[:150] or run.note}".strip()


def _list(**narrowed: str) -> str:
    return f"{reverse('admin:runs_run_changelist')}?{urlencode(narrowed)}"


def _page(run: Run) -> str:
    return reverse("admin:runs_run_change", args=[run.pk])


CARDS = (CardSource(20, "runs.view_run", held), CardSource(30, "runs.view_run", failed))
