"""One admin page: who did what, and to what. It is read, and nothing else."""

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from core.audit.models import Audit
from core.clock import database_now

# Actions are rare beside runs; should they not be, the list still ends somewhere.
WINDOW = 10_000
TIMES = {
    "hour": ("In the last hour", timedelta(hours=1)),
    "day": ("In the last day", timedelta(days=1)),
    "week": ("In the last 7 days", timedelta(days=7)),
}


class LatestActions(ChangeList):
    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Audit]:
        actions: QuerySet[Audit] = super().get_queryset(request, exclude_parameters)
        oldest = Audit.objects.order_by("-at").values_list("at", flat=True)[WINDOW : WINDOW + 1].first()
        return actions.filter(at__gte=oldest) if oldest else actions


class VerbFilter(admin.SimpleListFilter):
    title = "verb"
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer what was done lately: a look at the latest thousand, not at all."""
        latest = set(Audit.objects.order_by("-at").values_list("verb", flat=True)[:1000])
        return [(verb, verb) for verb in sorted(latest | {self.value() or ""} - {""})]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Audit]) -> QuerySet[Audit]:
        return queryset.filter(verb=self.value()) if self.value() else queryset


class ActorFilter(admin.SimpleListFilter):
    title = "actor"
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        staff = User.objects.filter(is_staff=True).order_by("username")[:100]
        return [("program", "A token or a command"), *((str(user.pk), user.get_username()) for user in staff)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Audit]) -> QuerySet[Audit]:
        value = self.value() or ""
        if value == "program":
            return queryset.filter(actor=None)
        return queryset.filter(actor=int(value)) if value.isdecimal() and len(value) < 10 else queryset


class TimeFilter(admin.SimpleListFilter):
    title = "time"
    parameter_name = "time"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, title) for key, (title, _) in TIMES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Audit]) -> QuerySet[Audit]:
        span = TIMES.get(self.value() or "")
        return queryset.filter(at__gte=database_now() - span[1]) if span else queryset


def subject_link(subject: str) -> str | None:
    """Return the admin page of `app.model:key`, or None when there is none."""
    label, _, key = subject.partition(":")
    try:
        model = apps.get_model(label)
        page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[key])
    except (LookupError, ValueError, NoReverseMatch):
        return None
    return page


@admin.register(Audit)
class AuditAdmin(ModelAdmin):
    list_display = ["at", "actor_name", "verb", "about", "organisation", "said"]
    list_filter = [VerbFilter, ActorFilter, TimeFilter]
    list_select_related = ["organisation"]
    list_before_template = "audit/list_note.html"
    search_fields = ["=subject"]
    search_help_text = "The whole subject, such as runs.run:<id>."
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    list_max_show_all = 0
    fields = ["at", "actor_name", "actor", "verb", "about", "organisation", "data"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LatestActions

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Audit], search_term: str
    ) -> tuple[QuerySet[Audit], bool]:
        """Compare exactly, which the index by subject serves; Django's own `=` ignores case and so any index."""
        return (queryset.filter(subject=search_term.strip()) if search_term else queryset), False

    @admin.display(description="subject")
    def about(self, action: Audit) -> SafeString | str:
        link = subject_link(action.subject)
        shown = '<a class="text-link underline break-all" href="{}">{}</a>'
        return format_html(shown, link, action.subject) if link else action.subject

    @admin.display(description="details", empty_value="-")
    def said(self, action: Audit) -> str | None:
        return ", ".join(f"{key}: {value}" for key, value in action.data.items())[:200] or None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Audit | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Audit | None = None) -> bool:
        return False
