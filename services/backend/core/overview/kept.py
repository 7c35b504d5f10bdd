"""Bases of admin pages whose rows stay: what happened to them is history."""

from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline


class KeptAdmin(ModelAdmin):
    """Its rows are many, and none is deleted: each would take its history along."""

    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class HistoryInline(TabularInline):
    """What happened to the row, which nobody edits."""

    verbose_name_plural = "history"
    extra = 0
    can_delete = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
