"""What goes in and out of the HTTP door."""

from datetime import datetime
from typing import Annotated

from django.db.models import Q
from ninja import Field, FilterLookup, FilterSchema, Schema
from pydantic import StringConstraints

from apps.tickets.enums import MAX_ARCHIVE_HOURS, EventKind, Priority
from core.answers import HistoryLineOut, NextActionOut
from core.inputs import Flag, In, Moment, Number, Storable, Text, Whole

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), Storable()]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Storable()]
Requester = Annotated[str, StringConstraints(max_length=200), Storable()]
Hours = Annotated[
    int, Field(ge=0, le=MAX_ARCHIVE_HOURS, description="null: the installation's default", examples=[48]), Number
]
Position = Annotated[int, Field(ge=1, le=32_767), Number]
# A batch a person can look over; more are moved in several requests.
Ids = Annotated[list[Whole], Field(min_length=1, max_length=1000)]


class ColumnOut(Schema):
    id: int
    name: str
    position: int
    is_done_column: bool


class ColumnIn(In):
    name: Name = Field(examples=["Done"])
    position: Position
    is_done_column: Flag = False


class ColumnPatch(In):
    name: Name = ""
    position: Position = 1
    is_done_column: Flag = False


class BoardOut(Schema):
    id: int
    name: str
    archive_after_hours: int | None
    threshold_hours: int = Field(description="The board's own setting, or the default")
    columns: list[ColumnOut]


class BoardIn(In):
    name: Name = Field(examples=["IT desk"])
    archive_after_hours: Hours | None = None


class BoardPatch(In):
    name: Name = ""
    archive_after_hours: Hours | None = None


class OrderIn(In):
    ids: Ids


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


class TicketIn(In):
    column_id: Whole = Field(examples=[1])
    title: Title = Field(examples=["Label printer prints half a label"])
    body: Text = ""
    priority: Priority = Priority.NORMAL
    requester: Requester = ""
    assignee: Text | None = Field(None, description="User name of a member")
    pinned: Flag = False


class TicketPatch(In):
    title: Title = ""
    body: Text = ""
    priority: Priority = Priority.NORMAL
    requester: Requester = ""
    assignee: Text | None = Field(None, description="User name of a member; null: nobody")


class TicketFilter(FilterSchema):
    board: Annotated[int | None, FilterLookup("board_id")] = None
    column: Annotated[int | None, FilterLookup("column_id")] = None
    assignee: Annotated[Text | None, FilterLookup("assignee__username")] = Field(None, description="User name")
    archived: Annotated[bool | None, FilterLookup("is_archived")] = None
    text: Annotated[Text | None, FilterLookup(["title__icontains", "body__icontains"])] = Field(
        None, description="In the title or the body, in any case of letters"
    )
    due_before: Moment | None = Field(
        None, description="Only tickets that may be archived before this time, which names its zone"
    )
    cursor: Annotated[int | None, FilterLookup("number__lt")] = Field(
        None, description="`next_cursor` of the page before"
    )

    def filter_due_before(self, moment: datetime | None) -> Q:
        # Both conditions, because together they are the partial index of the due hints.
        return Q(archived_at__isnull=True, archive_at__lt=moment) if moment else Q()


class MoveIn(In):
    column_id: Whole


class BulkMoveIn(MoveIn):
    ids: Ids


class Changed(Schema):
    changed: int = Field(description="How many tickets are different now")


class TicketEventOut(HistoryLineOut):
    kind: EventKind


class TicketCandidateOut(Schema):
    id: int
    number: int
    title: str
    board: str
    column: str
    entered_column_at: datetime
    hours: int = Field(description="The threshold that applies")
    due_at: datetime


class TicketPreview(Schema):
    at: datetime = Field(description="The next run")
    count: int = Field(description="How many tickets it will archive if nothing changes")
    tickets: list[TicketCandidateOut] = Field(description="The longest overdue first")
