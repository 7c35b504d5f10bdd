"""One admin page: which nodes work."""

from datetime import datetime, timedelta

from django.contrib import admin
from django.contrib.postgres.functions import TransactionNow
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from core.heartbeat.models import Heartbeat


@admin.register(Heartbeat)
class HeartbeatAdmin(ModelAdmin):
    list_display = ["node", "stamped_at", "age", "takes", "processes", "version"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Heartbeat]:
        beats: QuerySet[Heartbeat] = super().get_queryset(request)
        return beats.annotate(now=TransactionNow())

    @admin.display(description="age (h:mm:ss)", ordering="-stamped_at")
    def age(self, beat: Heartbeat) -> str:
        now: datetime = getattr(beat, "now")  # noqa: B009  # an annotation, no field of the model
        return str(timedelta(seconds=max(0, round((now - beat.stamped_at).total_seconds()))))

    @admin.display(description="queues", empty_value="-")
    def takes(self, beat: Heartbeat) -> str | None:
        return ", ".join(beat.queues) if beat.queues else None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Heartbeat | None = None) -> bool:
        return False
