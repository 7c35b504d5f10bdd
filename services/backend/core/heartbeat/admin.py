"""One admin page: which nodes work."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from core.heartbeat.models import Heartbeat


@admin.register(Heartbeat)
class HeartbeatAdmin(ModelAdmin):
    list_display = ["node", "stamped_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Heartbeat | None = None) -> bool:
        return False
