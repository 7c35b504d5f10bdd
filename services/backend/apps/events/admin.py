"""Admin pages: events with who comes, what reminds them, their history and what happens to them next."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.decorators import display

from apps.events import services
from apps.events.enums import Status
from apps.events.foresight import foretell
from apps.events.models import Event, EventHistory, Registration, Reminder
from core.clock import database_now
from core.errors import RefusedError
from core.overview.kept import HistoryInline, KeptAdmin
from core.overview.verbs import operator_of
from core.schedules.foretelling import ForesightAdmin

EDITABLE = ("title", "slug", "description", "place", "tz", "starts_at", "end_date", "all_day", "is_public", "contact")
COLOURS = {Status.CONFIRMED: "info", Status.ONGOING: "success", Status.CANCELLED: "danger"}


class ReminderInline(TabularInline):
    model = Reminder
    readonly_fields = ["due_at", "sent_at"]
    extra = 0
    hide_title = True


class RegistrationInline(TabularInline):
    model = Registration
    fields = ["email", "state"]
    extra = 0
    hide_title = True


class EventHistoryInline(HistoryInline):
    model = EventHistory
    fields = readonly_fields = ["at", "kind", "old", "new", "actor_name"]


class StatusFilter(admin.SimpleListFilter):
    """By what an event is now, whether or not a worker has written it down."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status.value, status.label) for status in Status]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(Q(effective_status=self.value())) if self.value() else queryset


@admin.register(Event)
class EventAdmin(KeptAdmin, ForesightAdmin):
    list_display = ["title", "organisation", "starts_at", "end_date", "now", "next_run", "reason"]
    list_filter = [StatusFilter, "organisation", "is_public", ("archived_at", admin.EmptyFieldListFilter)]
    search_fields = ["title", "slug"]
    ordering = ["-organisation_id", "-starts_at", "-id"]
    prepopulated_fields = {"slug": ("title",)}
    readonly_fields = ["now", "completed_at", "archived_at", "next_run", "reason"]
    actions = ["publish", "cancel"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return Event.objects.with_effective_status(database_now()).select_related("organisation")

    def foretell(self, rows: list[Event]) -> list[Event]:
        return foretell(rows)

    def get_fields(self, request: HttpRequest, obj: Event | None = None) -> list[str]:
        return [*EDITABLE, *self.readonly_fields] if obj else ["organisation", *EDITABLE]

    def get_inlines(self, request: HttpRequest, obj: Event | None) -> list[type[TabularInline]]:
        return [ReminderInline, RegistrationInline, EventHistoryInline] if obj else []

    @display(description="status", label=COLOURS)  # type: ignore[untyped-decorator]
    def now(self, event: Event) -> str:
        return event.effective_status

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.archived_at)

    def save_model(self, request: HttpRequest, obj: Event, form: Any, change: bool) -> None:
        fields = {name: form.cleaned_data[name] for name in EDITABLE if not change or name in form.changed_data}
        named: dict[str, Any] = {"organisation": obj.organisation, "by": operator_of(request)}
        try:
            if change:
                services.event_edit(event_id=obj.pk, **named, **fields)
            else:
                obj.__dict__.update(services.event_create(**named, **fields).__dict__)
        except RefusedError as refusal:
            messages.error(request, str(refusal))

    @admin.action(description="Publish")
    def publish(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        self._act(request, queryset, services.event_publish)

    @admin.action(description="Call off")
    def cancel(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        self._act(request, queryset, services.event_cancel)

    def _act(self, request: HttpRequest, rows: QuerySet[Event], service: Any) -> None:
        for event in rows:
            try:
                service(organisation=event.organisation, event_id=event.pk, by=operator_of(request))
            except RefusedError as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
