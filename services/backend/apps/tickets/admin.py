"""Admin pages: boards with their columns, and tickets with their history and what happens to them next."""

from collections.abc import Callable
from itertools import groupby
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from apps.tickets import services
from apps.tickets.foresight import foretell
from apps.tickets.models import Board, Column, Ticket, TicketEvent
from apps.tickets.services import Actor, RefusedError

EDITABLE = ("title", "body", "priority", "requester", "assignee")


def _actor(request: HttpRequest) -> Actor:
    user = cast(User, request.user)  # the admin has let nobody else in
    return Actor(user=user, name=user.get_username())


class ColumnInline(TabularInline):
    model = Column
    extra = 0


@admin.register(Board)
class BoardAdmin(ModelAdmin):
    list_display = ["name", "organisation", "archive_after_hours"]
    list_filter = ["organisation"]
    list_select_related = ["organisation"]
    search_fields = ["name"]
    inlines = [ColumnInline]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        services.hints_refresh_later(form.instance)


@admin.register(Column)
class ColumnAdmin(ModelAdmin):
    """Not in the menu: it answers the search for a column in a ticket's form."""

    list_display = ["name", "board", "position", "is_done_column"]
    list_select_related = ["board"]
    search_fields = ["name", "board__name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Column]:
        columns: QuerySet[Column] = super().get_queryset(request)
        return columns.select_related("board")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Column | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Column | None = None) -> bool:
        return False


class ArchivedFilter(admin.SimpleListFilter):
    title = "archived"
    parameter_name = "archived"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "On the board"), ("yes", "Archived")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(archived_at__isnull=self.value() == "no") if self.value() else queryset


class EventInline(TabularInline):
    model = TicketEvent
    verbose_name_plural = "history"
    fields = readonly_fields = ["at", "actor_name", "kind", "old", "new", "automatic"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Ticket | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: TicketEvent | None = None) -> bool:
        return False


class TicketForm(forms.ModelForm):  # type: ignore[type-arg]  # its metaclass cannot be subscripted
    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        column, assignee = data.get("column"), data.get("assignee")
        if column is None:
            return data
        organisation = column.board.organisation
        if self.instance.pk and organisation != self.instance.organisation:
            self.add_error("column", f"This column belongs to {organisation}: choose one of the ticket's organisation.")
        if assignee and not organisation.members.filter(user=assignee).exists():
            self.add_error("assignee", f"{assignee} is not a member of {organisation}.")
        return data


class ForesightList(ChangeList):
    """Looks at the schedule once for the page, not once for each row."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = foretell(list(self.result_list))


@admin.register(Ticket)
class TicketAdmin(ModelAdmin):
    form = TicketForm
    list_display = ["label", "organisation", "place", "pinned", "assignee", "archived_at", "next_run", "reason"]
    list_filter = [ArchivedFilter, "organisation", "column__is_done_column", "pinned", "priority"]
    search_fields = ["=number", "title"]
    show_full_result_count = False
    autocomplete_fields = ["column", "assignee"]
    fields = ["column", *EDITABLE, "pinned", "entered_column_at", "archived_at", "next_run", "reason"]
    readonly_fields = ["entered_column_at", "archived_at", "next_run", "reason"]
    inlines = [EventInline]
    actions = ["archive", "restore", "pin", "unpin"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        return Ticket.objects.with_due_at().select_related("organisation", "column__board", "board", "assignee")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ForesightList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Ticket | None:
        ticket: Ticket | None = super().get_object(request, object_id, from_field)
        return ticket and foretell([ticket])[0]

    @admin.display(description="ticket", ordering="number")
    def label(self, ticket: Ticket) -> str:
        return str(ticket)

    @admin.display(description="column", ordering="column")
    def place(self, ticket: Ticket) -> str:
        return str(ticket.column)

    @admin.display(description="leaves the board", ordering="archive_at", empty_value="-")
    def next_run(self, ticket: Ticket) -> Any:
        foretold = getattr(ticket, "next_action", None)
        return foretold and foretold.at

    @admin.display(description="why", empty_value="-")
    def reason(self, ticket: Ticket) -> str | None:
        foretold = getattr(ticket, "next_action", None)
        return foretold and foretold.why

    def has_delete_permission(self, request: HttpRequest, obj: Ticket | None = None) -> bool:
        """Archive instead: a deleted ticket takes its history along and frees its number."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Ticket | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.is_archived)

    def save_model(self, request: HttpRequest, obj: Ticket, form: Any, change: bool) -> None:
        try:
            self._save(obj, _actor(request), form, change)
        except RefusedError as refusal:
            messages.error(request, str(refusal))

    def _save(self, ticket: Ticket, actor: Actor, form: Any, change: bool) -> None:
        data = form.cleaned_data
        if not change:
            fields = {name: data[name] for name in (*EDITABLE, "pinned")}
            ticket.__dict__.update(services.ticket_create(column=data["column"], actor=actor, **fields).__dict__)
            return
        one: dict[str, Any] = {"organisation": ticket.organisation, "actor": actor}
        edited = {name: data[name] for name in EDITABLE if name in form.changed_data}
        services.ticket_edit(ticket_id=ticket.pk, **one, **edited)
        services.tickets_pin(ids=[ticket.pk], pinned=data["pinned"], **one)
        services.tickets_move(ids=[ticket.pk], column=data["column"], **one)

    @admin.action(description="Archive now")
    def archive(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        self._act(request, queryset, "Archived", services.tickets_archive)

    @admin.action(description="Restore, with a new clock")
    def restore(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        self._act(request, queryset, "Restored", services.tickets_restore)

    @admin.action(description="Pin")
    def pin(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        self._act(request, queryset, "Pinned", services.tickets_pin, pinned=True)

    @admin.action(description="Take the pin off")
    def unpin(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        self._act(request, queryset, "Unpinned", services.tickets_pin, pinned=False)

    def _act(
        self, request: HttpRequest, rows: QuerySet[Ticket], word: str, service: Callable[..., int], **values: bool
    ) -> None:
        tickets = sorted(rows, key=lambda ticket: ticket.organisation_id)
        try:
            for _, group in groupby(tickets, key=lambda ticket: ticket.organisation_id):
                mine = list(group)
                ids = [ticket.pk for ticket in mine]
                changed = service(organisation=mine[0].organisation, ids=ids, actor=_actor(request), **values)
                self.message_user(request, f"{word} {changed} of {len(ids)} tickets of {mine[0].organisation}.")
        except RefusedError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
