"""Admin pages: boards with their columns, and tickets with their history and what happens to them next."""

from collections.abc import Callable
from itertools import groupby
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from apps.tickets import services
from apps.tickets.foresight import foretell
from apps.tickets.models import Board, Column, Ticket, TicketEvent
from apps.tickets.services import Actor, RefusedError
from core.overview.kept import HistoryInline, KeptAdmin
from core.schedules.foretelling import ForesightAdmin

EDITABLE = ("title", "body", "priority", "requester", "assignee")


def _actor(request: HttpRequest) -> Actor:
    user = cast(User, request.user)  # the admin has let nobody else in
    return Actor(user=user, name=user.get_username())


class ColumnInline(TabularInline):
    model = Column
    extra = 0
    hide_title = True


@admin.register(Board)
class BoardAdmin(ModelAdmin):
    list_display = ["name", "organisation", "threshold", "lanes"]
    list_filter = ["organisation"]
    list_select_related = ["organisation"]
    search_fields = ["name"]
    inlines = [ColumnInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Board]:
        boards: QuerySet[Board] = super().get_queryset(request)
        return boards.prefetch_related("columns")

    @admin.display(description="archives after", ordering="archive_after_hours")
    def threshold(self, board: Board) -> str:
        return f"{board.threshold_hours} h" + (" (the default)" if board.archive_after_hours is None else "")

    @admin.display(description="columns")
    def lanes(self, board: Board) -> str:
        marked = (
            f"{column.name} (Done column)" if column.is_done_column else column.name for column in board.columns.all()
        )
        return ", ".join(marked)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        services.hints_refresh_later(form.instance)


class ArchivedFilter(admin.SimpleListFilter):
    title = "archived"
    parameter_name = "archived"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "On the board"), ("yes", "Archived")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(archived_at__isnull=self.value() == "no") if self.value() else queryset


class EventInline(HistoryInline):
    model = TicketEvent
    fields = readonly_fields = ["at", "kind", "old", "new", "by"]

    @admin.display(description="by")
    def by(self, event: TicketEvent) -> str:
        return f"{event.actor_name} (automatic)" if event.automatic else event.actor_name


class ColumnField(forms.ModelChoiceField):  # type: ignore[type-arg]  # as the form below
    """Names the organisation too: every one has a board with a column "Done"."""

    def label_from_instance(self, column: Model) -> str:
        return f"{cast(Column, column).board.organisation}: {column}"


class TicketForm(forms.ModelForm):  # type: ignore[type-arg]  # its metaclass cannot be subscripted
    column = ColumnField(
        Column.objects.select_related("board__organisation").order_by("board__organisation", "board__name", "position"),
        widget=UnfoldAdminSelectWidget,
    )
    assignee = forms.ModelChoiceField(
        User.objects.filter(memberships__isnull=False).distinct(), required=False, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer only what belongs to the ticket's organisation, once it has one."""
        super().__init__(*args, **kwargs)
        fields = cast(dict[str, Any], self.fields)
        if self.instance.pk and fields:
            organisation = self.instance.organisation_id
            fields["column"].queryset = fields["column"].queryset.filter(board__organisation=organisation)
            fields["assignee"].queryset = User.objects.filter(memberships__organisation=organisation)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        column, assignee = data.get("column"), data.get("assignee")
        if column and assignee and not column.board.organisation.members.filter(user=assignee).exists():
            self.add_error("assignee", f"{assignee} is not a member of {column.board.organisation}.")
        return data


@admin.register(Ticket)
class TicketAdmin(KeptAdmin, ForesightAdmin):
    form = TicketForm
    list_display = ["label", "organisation", "place", "pin_mark", "assignee", "next_run", "reason"]
    list_filter = [ArchivedFilter, "organisation", "column__is_done_column", "pinned", "priority"]
    search_fields = ["=number", "title"]
    # By the id, not by the name: that is the index of the tickets' numbers read backwards, whatever their count.
    ordering = ["-organisation_id", "-number"]
    readonly_fields = ["entered_column_at", "archived_at", "next_run", "reason"]
    actions = ["archive", "restore", "pin", "unpin"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        return Ticket.objects.with_due_at().select_related("organisation", "column__board", "board", "assignee")

    def get_fields(self, request: HttpRequest, obj: Ticket | None = None) -> list[str]:
        """Ask of a new ticket only what a person knows: it has no clock and no future yet."""
        return ["column", *EDITABLE, "pinned", *(self.readonly_fields if obj else ())]

    def get_inlines(self, request: HttpRequest, obj: Ticket | None) -> list[type[TabularInline]]:
        return [EventInline] if obj else []

    def foretell(self, rows: list[Ticket]) -> list[Ticket]:
        return foretell(rows)

    @admin.display(description="ticket", ordering="number")
    def label(self, ticket: Ticket) -> str:
        return str(ticket)

    @admin.display(description="column", ordering="column")
    def place(self, ticket: Ticket) -> str:
        return str(ticket.column)

    @display(description="pinned", ordering="pinned", label="info")  # type: ignore[untyped-decorator]
    def pin_mark(self, ticket: Ticket) -> str | None:
        return "pinned" if ticket.pinned else None

    @admin.display(description="leaves the board", ordering="archive_at", empty_value="-")
    def next_run(self, ticket: Ticket) -> str | None:
        return super().next_run(ticket)

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
