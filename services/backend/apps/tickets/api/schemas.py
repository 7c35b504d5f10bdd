"""What goes in and out of the HTTP door."""

from datetime import datetime
from typing import Annotated, Literal

from django.db.models import Q
from ninja import Field, FilterLookup, FilterSchema, Schema

from apps.tickets.enums import MAX_ARCHIVE_HOURS, EventKind, Priority

Name = Annotated[str, Field(min_length=1, max_length=100)]
Title = Annotated[str, Field(min_length=1, max_length=200)]
Hours = Annotated[int, Field(ge=0, le=MAX_ARCHIVE_HOURS, description="null: the installation's default")]
Position = Annotated[int, Field(ge=1, le=32_767)]
# A batch a person can look over; more are moved in several requests.
Ids = Annotated[list[int], Field(min_length=1, max_length=1000)]


class ColumnOut(Schema):
    id: int
    name: str
    position: int
    is_done_column: bool


class ColumnIn(Schema):
    name: Name
    position: Position
    is_done_column: bool = False


class ColumnPatch(Schema):
    name: Name = ""
    position: Position = 1
    is_done_column: bool = False


class BoardOut(Schema):
    id: int
    name: str
    archive_after_hours: int | None
    threshold_hours: int = Field(description="The board's own setting, or the default")
    columns: list[ColumnOut]


class BoardIn(Schema):
    name: Name
    archive_after_hours: Hours | None = None


class BoardPatch(Schema):
    name: Name = ""
    archive_after_hours: Hours | None = None


class OrderIn(Schema):
    ids: Ids


class NextActionOut(Schema):
    what: Literal["archive", "none"]
    at: datetime | None
    why: str
    by_schedule: str | None


class TicketOut(Schema):
    id: int
    number: int
    title: str
    body: str
    priority: Priority
    requester: str
    assignee: str | None = Field(description="User name")
    pinned: bool
    board_id: int
    column: ColumnOut
    created_at: datetime
    updated_at: datetime
    entered_column_at: datetime
    is_archived: bool
    archived_at: datetime | None
    next_action: NextActionOut

    @staticmethod
    def resolve_assignee(row: object) -> str | None:
        assignee = getattr(row, "assignee", None)
        return assignee and str(assignee.get_username())


class TicketPage(Schema):
    items: list[TicketOut]
    next_cursor: int | None = Field(description="Send it as `cursor` for the next page; null on the last one")


class TicketIn(Schema):
    column_id: int
    title: Title
    body: str = ""
    priority: Priority = Priority.NORMAL
    requester: Annotated[str, Field(max_length=200)] = ""
    assignee: str | None = Field(None, description="User name of a member")
    pinned: bool = False


class TicketPatch(Schema):
    title: Title = ""
    body: str = ""
    priority: Priority = Priority.NORMAL
    requester: Annotated[str, Field(max_length=200)] = ""
    assignee: str | None = Field(None, description="User name of a member; null: nobody")


class TicketFilter(FilterSchema):
    board: Annotated[int | None, FilterLookup("board_id")] = None
    column: Annotated[int | None, FilterLookup("column_id")] = None
    assignee: Annotated[str | None, FilterLookup("assignee__username")] = None
    archived: Annotated[bool | None, FilterLookup("is_archived")] = None
    text: Annotated[str | None, FilterLookup(["title__icontains", "body__icontains"])] = None
    due_before: datetime | None = None
    cursor: Annotated[int | None, FilterLookup("number__lt")] = None

    def filter_due_before(self, moment: datetime | None) -> Q:
        # Both conditions, because together they are the partial index of the due hints.
        return Q(archived_at__isnull=True, archive_at__lt=moment) if moment else Q()


class MoveIn(Schema):
    column_id: int


class BulkMoveIn(MoveIn):
    ids: Ids


class Changed(Schema):
    changed: int = Field(description="How many tickets are different now")


class EventOut(Schema):
    at: datetime
    kind: EventKind
    old: str
    new: str
    actor: str = Field(alias="actor_name")
    automatic: bool


class CandidateOut(Schema):
    id: int
    number: int
    title: str
    board: str
    column: str
    entered_column_at: datetime
    hours: int = Field(description="The threshold that applies")
    due_at: datetime


class Preview(Schema):
    at: datetime = Field(description="The next run")
    count: int = Field(description="How many tickets it will archive if nothing changes")
    tickets: list[CandidateOut] = Field(description="The longest overdue first")
