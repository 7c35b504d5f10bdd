"""The base of admin pages on whose rows people act through services."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from core.overview.verbs import Operating, Verb


def bulk_actions(operating: Operating) -> list[Callable[..., Any]]:
    return [_bulk(verb) for verb in operating.verbs]


def _bulk(verb: Verb) -> Callable[..., Any]:
    @admin.action(description=f"{verb.label} the selected", permissions=["operate"])
    def act(page: "OperatingAdmin", request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        # By the ids, not by the filtered list: what moved on since the page was made is refused with its reason.
        keys = [key for key in request.POST.getlist(ACTION_CHECKBOX_NAME) if page.is_key(key)]
        rows = list(page.model._default_manager.filter(pk__in=keys))
        if verb.question and "sure" not in request.POST:
            return page.ask(request, verb, rows, back=request.get_full_path())
        page.operating.act(request, verb, rows)
        return None

    act.__name__ = f"{verb.name}_selected"
    return act


class OperatingAdmin(ModelAdmin):
    """Buttons on the page of a row, and the same as actions of the list (`actions = bulk_actions(OPERATING)`)."""

    operating: ClassVar[Operating]
    list_disable_select_all = True
    change_form_outer_before_template = "overview/head.html"

    def about(self, row: Any) -> dict[str, Any]:
        """Return what the page's head says: story, colour, and what else its templates show."""
        raise NotImplementedError

    def is_key(self, text: str) -> bool:
        try:
            self.opts.pk.to_python(text)
        except ValidationError:
            return False
        return True

    def get_urls(self) -> list[URLPattern]:
        view = require_POST(self.admin_site.admin_view(self.operate_view))
        urls: list[URLPattern] = super().get_urls()
        return [path("<str:key>/operate/", view, name=self._address("operate")), *urls]

    def _address(self, what: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{what}"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        shown = self._shown(request, row) if row else {}
        answer: HttpResponse = super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})
        return answer

    def _shown(self, request: HttpRequest, row: Model) -> dict[str, Any]:
        may = self.has_operate_permission(request)
        return {
            "title": str(row),
            "subtitle": None,
            "operate_address": reverse(f"admin:{self._address('operate')}", args=[row.pk]),
            "verbs": [verb for verb in self.operating.verbs if may and verb.fits(row)],
            **self.about(row),
        }

    def operate_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Do one thing to one row; ask before, where it cannot be taken back."""
        if not self.has_operate_permission(request):
            raise PermissionDenied
        row, verb = self.get_object(request, key), self.operating.named(request.POST.get("verb", ""))
        if row is None:
            raise Http404(f"There is no {self.opts.verbose_name} {key}.")
        page = reverse(f"admin:{self._address('change')}", args=[row.pk])
        if verb and verb.question and "sure" not in request.POST:
            return self.ask(request, verb, [row], back=page)
        if verb:
            self.operating.act(request, verb, [row])
        return redirect(page)

    def ask(self, request: HttpRequest, verb: Verb, rows: list[Any], *, back: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{verb.label}: {rows[0]}?" if len(rows) == 1 else f"{verb.label}: {len(rows)} of them?",
            "verb": verb,
            "rows": rows,
            "back": back,
            "selected": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "overview/ask.html", context)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Whoever Django lets change such a row may act on it; the rows themselves nobody edits."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")


class OperatedAdmin(OperatingAdmin):
    """Its rows are written by the product alone, and there may be a million of them."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    list_per_page = 50
    list_max_show_all = 0

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_view_permission(request, obj) or self.has_operate_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Such rows leave by their age."""
        return False
