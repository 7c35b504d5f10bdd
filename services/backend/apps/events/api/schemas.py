"""What goes in and out of the HTTP door."""

from datetime import date, datetime, timedelta
from string import Template
from typing import Annotated
from zoneinfo import ZoneInfo

from django.core.validators import EmailValidator
from ninja import Field, Schema
from pydantic import AfterValidator, StringConstraints

from apps.events.enums import LONGEST_AHEAD, Kind, RegistrationState, Status
from apps.events.models import Event, Reminder
from core.answers import HistoryLineOut, NextActionOut
from core.cursors import place_of
from core.inputs import Flag, In, Moment, Number, Storable, Text, Zone, checked

WORDS = {"title", "start", "place"}
ADDRESS = EmailValidator("is not an e-mail address")


def _template(text: str) -> str:
    template = Template(text)
    if not template.is_valid() or set(template.get_identifiers()) - WORDS:
        raise ValueError("may name $title, $start and $place; a dollar sign is written $$")
    return text


def _cursor(cursor: str) -> str:
    place_of(cursor, event_key)
    return cursor


def event_key(text: str) -> int:
    key = int(text)
    if not 0 <= key < 2**63:
        raise ValueError
    return key


Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Storable()]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]{1,100}$")]
Place = Annotated[str, StringConstraints(max_length=200), Storable()]
Email = Annotated[
    str,
    StringConstraints(max_length=254),
    Storable(),
    checked(ADDRESS),
    Field(json_schema_extra={"format": "email"}),
]
Contact = Annotated[
    str,
    StringConstraints(max_length=254),
    Storable(),
    checked(lambda email: email and ADDRESS(email)),
    Field(description="Who is told by mail when it has ended; empty: nobody", examples=["ada@example.org"]),
]
Letter = Annotated[str, StringConstraints(max_length=10_000), Storable(), AfterValidator(_template)]
Minutes = Annotated[int, Field(ge=0, le=LONGEST_AHEAD // timedelta(minutes=1)), Number]
Cursor = Annotated[str, AfterValidator(_cursor), Field(description="`next_cursor` of the page before")]
DAYS = "For an all-day event any time of the day: the day is that of the event's zone, and the first and last count"


class PublicEventOut(Schema):
    """What everybody may know of a public event; never who comes."""

    organisation: str = Field(alias="organisation.slug", description="Its slug")
    organiser: str = Field(alias="organisation.name")
    title: str
    slug: str
    description: str
    place: str
    tz: str
    starts_at: datetime = Field(alias="begins", description="When it begins; all day: with its first local day")
    ends_at: datetime | None = Field(alias="ends", description="When it ends; all day: with its last local day")
    all_day: bool
    first_day: date = Field(description="In its time zone")
    last_day: date | None
    status: Status = Field(alias="effective_status", description="At the time of the answer")

    @staticmethod
    def resolve_first_day(event: Event) -> date:
        return event.starts_at.astimezone(ZoneInfo(event.tz)).date()

    @staticmethod
    def resolve_last_day(event: Event) -> date | None:
        return event.end_date and event.end_date.astimezone(ZoneInfo(event.tz)).date()


class EventOut(PublicEventOut):
    id: int
    is_public: bool
    contact: str
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    archived_at: datetime | None
    next_action: NextActionOut


class EventPage(Schema):
    items: list[EventOut]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null on the last one")


class PublicEventPage(Schema):
    items: list[PublicEventOut]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null on the last one")


class EventIn(In):
    title: Title = Field(examples=["Summer fair"])
    slug: Slug | None = Field(None, description="In its public address; null: made of the title")
    description: Text = ""
    place: Place = ""
    tz: Zone | None = Field(None, description="null: the organisation's")
    starts_at: Moment = Field(description=DAYS)
    end_date: Moment | None = Field(None, description="null: it never ends by itself")
    all_day: Flag = False
    is_public: Flag = False
    contact: Contact = ""


class EventPatch(In):
    title: Title = ""
    slug: Slug = ""
    description: Text = ""
    place: Place = ""
    tz: Zone = ""
    starts_at: Moment = Field(None, description=DAYS)  # type: ignore[assignment]  # never read: only what is sent counts
    end_date: Moment | None = None
    all_day: Flag = False
    is_public: Flag = False
    contact: Contact = ""


class EmailIn(In):
    email: Email = Field(examples=["ada@example.org"])


class RegistrationOut(Schema):
    id: int
    email: str
    state: RegistrationState
    created_at: datetime


class ReminderIn(In):
    minutes_before: Minutes = Field(examples=[1440])
    template: Letter = Field("", description="The mail's text, with $title, $start and $place; empty: our own")


class ReminderOut(Schema):
    id: int
    minutes_before: int
    template: str
    due_at: datetime | None = Field(description="It moves with the event")
    sent_at: datetime | None

    @staticmethod
    def resolve_minutes_before(reminder: Reminder) -> int:
        return reminder.offset // timedelta(minutes=1)


class EventHistoryOut(HistoryLineOut):
    kind: Kind
