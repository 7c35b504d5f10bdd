"""Admin pages of runs: what was asked for, why, what became of it, and what can be done about it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.postgres.functions import TransactionNow
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from core.overview.operated import OperatedAdmin, bulk_actions
from core.runs import telling
from core.runs.admin_fields import COLOURS, RunFields, relatives
from core.runs.admin_filters import NameFilter, OrganisationFilter, StateFilter, TimeFilter, narrowing
from core.runs.admin_verbs import OPERATING
from core.runs.enums import State
from core.runs.latest import WINDOW, window
from core.runs.models import Run

ITEMS_SHOWN = 100
# What the list does not show and can be long.
HEAVY = ("args", "kwargs", "options", "result", "traceback")


class LatestRuns(ChangeList):
    """Looks through the latest runs only, unless it is asked for one by its id."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Run]:
        runs: QuerySet[Run] = super().get_queryset(request, exclude_parameters)
        bounded = runs if _as_id(self.query) else runs.filter(window(narrowing(request)))
        return bounded.defer(*HEAVY)


def _as_id(term: str) -> UUID | None:
    try:
        return UUID(term.strip())
    except ValueError:
        return None


@admin.register(Run)
class RunAdmin(RunFields, OperatedAdmin):
    operating = OPERATING
    actions = bulk_actions(OPERATING)
    list_display = [
        "state_label",
        "name",
        "why",
        "organisation",
        "queued",
        "waited",
        "took",
        "counts",
    ]
    list_display_links = ["state_label", "name"]
    list_filter = [StateFilter, NameFilter, "trigger", OrganisationFilter, TimeFilter]
    list_select_related = ["organisation", "schedule"]
    list_before_template = "runs/list_note.html"
    search_fields = ["name"]
    search_help_text = f"A task's name, or a run's whole id. The latest {WINDOW:,} are looked through; filter by task "
    search_help_text += "or time to look further back."
    change_form_outer_after_template = "runs/items.html"
    fieldsets = [
        ("What", {"fields": ["state_label", "name", "error_said", "arguments", "outcome"]}),
        ("Why", {"fields": ["trigger", "requested_by", "place", "organisation", "approved_by"]}),
        ("When", {"fields": ["queued", "due", "started", "beat", "limit", "finished", "waited", "took"]}),
        ("How", {"fields": ["progress", "counts", "tries", "policy", "queue", "worker", "note", "request_id", "id"]}),
        ("Traceback", {"fields": ["trace"], "classes": ["collapse"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        runs: QuerySet[Run] = super().get_queryset(request)
        return runs.annotate(now=TransactionNow())

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LatestRuns

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Run], search_term: str
    ) -> tuple[QuerySet[Run], bool]:
        if run_id := _as_id(search_term):
            return queryset.filter(pk=run_id), False
        found: tuple[QuerySet[Run], bool] = super().get_search_results(request, queryset, search_term)
        return found

    def about(self, run: Run) -> dict[str, Any]:
        """Say what became of it, and what it did to which rows: the failed ones first."""
        items = list(run.items.order_by("-outcome")[: ITEMS_SHOWN + 1])
        now: datetime = getattr(run, "now")  # noqa: B009  # an annotation, no field of the model
        return {
            "story": telling.story(run, now),
            "colour": COLOURS.get(State(run.state)),
            "relatives": relatives(run),
            "items": items[:ITEMS_SHOWN],
            "items_more": len(items) > ITEMS_SHOWN,
        }

    @display(description="state", label=COLOURS)  # type: ignore[untyped-decorator]
    def state_label(self, run: Run) -> str:
        return run.state
